create table comments (
  id text primary key default uuidv7()::text,
  -- Posts and users live in other databases: nothing here can promise that they exist.
  post_id text not null,
  author_id text not null,
  body text not null check (length(body) between 1 and 5000),
  -- Milliseconds, as cursors carry them: a finer time would put rows between a cursor and its row.
  created_at timestamptz(3) not null default now(),
  updated_at timestamptz(3) not null default now()
);

create index comments_by_post on comments (post_id, created_at, id);
create index comments_by_author on comments (author_id, created_at desc, id desc);
