-- What search finds besides posts: entities of others, as the event log tells of them. Their owners answer everything
-- that is asked about them.
create table search_entries (
  kind text not null check (kind in ('User', 'Comment')),
  id text not null,
  search_text tsvector not null,
  created_at timestamptz(3) not null,
  -- Of the version that was read: an older one, of a page or an event that came late, changes nothing.
  updated_at timestamptz(3) not null,
  primary key (kind, id)
);

create index search_entries_by_text on search_entries using gin (search_text);
