alter table notifications add column read_at timestamptz(3);

create index notifications_unread on notifications (user_id) where read_at is null;
