create table users (
  id text primary key default uuidv7()::text,
  username text not null check (length(username) between 2 and 40),
  name text not null check (length(name) between 1 and 100),
  email text not null check (length(email) <= 254),
  role text not null default 'USER' check (role in ('ADMIN', 'MODERATOR', 'USER')),
  bio text check (length(bio) between 1 and 1000),
  website text check (website ~ '^https?://' and length(website) <= 2000),
  city text check (length(city) between 1 and 100),
  company_name text check (length(company_name) between 1 and 100),
  company_catch_phrase text check (length(company_catch_phrase) between 1 and 200),
  birthday date,
  -- json, not jsonb: it is given back as it was put in, also with characters that jsonb refuses, and never searched.
  preferences json,
  -- Milliseconds, as cursors carry them: a finer time would put rows between a cursor and its row.
  created_at timestamptz(3) not null default now(),
  updated_at timestamptz(3) not null default now(),
  check (company_name is not null or company_catch_phrase is null)
);

-- "Ada" and "ada" are one name: a member could be mistaken for another otherwise.
create unique index users_by_username on users (lower(username));
create unique index users_by_email on users (lower(email));
create index users_by_time on users (created_at, id);

-- Apart from users, so that no statement that reads members can bring a hash along.
create table credentials (
  user_id text primary key references users (id) on delete cascade,
  password_hash text not null,
  updated_at timestamptz(3) not null default now()
);
