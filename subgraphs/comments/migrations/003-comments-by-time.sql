-- For pages of all comments, as others read them who keep something of each.
create index comments_by_time on comments (created_at, id);
