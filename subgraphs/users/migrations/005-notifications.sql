create table notifications (
  id text primary key default uuidv7()::text,
  -- What it was made for: the same event makes one notification, however often it is read.
  event_id uuid not null unique,
  user_id text not null references users (id) on delete cascade,
  kind text not null check (kind in ('POST_COMMENTED')),
  actor_id text not null,
  -- Posts and comments live in other databases: nothing here can promise that they exist.
  post_id text,
  comment_id text,
  -- Milliseconds, as cursors carry them.
  created_at timestamptz(3) not null default now()
);

create index notifications_by_user on notifications (user_id, created_at desc, id desc);
