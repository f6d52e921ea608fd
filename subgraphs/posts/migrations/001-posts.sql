create table posts (
  id text primary key default uuidv7()::text,
  author_id text not null,
  title text not null check (length(title) between 1 and 200),
  content text not null check (length(content) between 1 and 50000),
  status text not null default 'DRAFT' check (status in ('DRAFT', 'PUBLISHED', 'ARCHIVED')),
  -- Milliseconds, as cursors carry them: a finer time would put rows between a cursor and its row.
  created_at timestamptz(3) not null default now(),
  updated_at timestamptz(3) not null default now(),
  published_at timestamptz(3),
  search_text tsvector generated always as (
    setweight(to_tsvector('simple', title), 'A') || setweight(to_tsvector('simple', content), 'B')
  ) stored
);

create index posts_by_status on posts (status, created_at desc, id desc);
create index posts_by_author on posts (author_id, status, created_at desc, id desc);
create index posts_by_search_text on posts using gin (search_text);

create table post_tags (
  post_id text not null references posts (id) on delete cascade,
  position smallint not null,
  tag text not null check (length(tag) between 1 and 40),
  primary key (post_id, position),
  unique (post_id, tag)
);

create index post_tags_by_tag on post_tags (tag, post_id);
