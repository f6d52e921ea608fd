alter table users
  add column is_online boolean not null default false,
  add column last_seen_at timestamptz(3);

-- Who has connections open at whom: a member is online while there is a lease that has not run out.
create table presence_leases (
  user_id text not null references users (id) on delete cascade,
  holder text not null check (length(holder) between 1 and 100),
  expires_at timestamptz(3) not null,
  primary key (user_id, holder)
);

create index presence_leases_by_end on presence_leases (expires_at);
