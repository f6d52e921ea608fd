-- Events that are written with what they tell of, until the relay has brought them into the event log.
create table outbox (
  id bigint generated always as identity primary key,
  event_id uuid not null unique default gen_random_uuid(),
  -- Which of the log's partitions keeps the entity's events in order.
  partition text not null,
  event text not null,
  -- The relay reads what older transactions cannot add to any more.
  written_by xid8 not null default pg_current_xact_id(),
  written_at timestamptz(3) not null default now(),
  -- The place in the partition, dense from 1; null until the relay has given it one.
  seq bigint,
  -- When the log said that it has it. Kept for a while after that, should the log lose it.
  sent_at timestamptz(3)
);

create index outbox_without_place on outbox (id) where seq is null;
create unique index outbox_by_place on outbox (partition, seq) where seq is not null;
create index outbox_unsent on outbox (partition, seq) where sent_at is null and seq is not null;
create index outbox_by_sending on outbox (sent_at) where sent_at is not null;

-- The last place given in each partition: the rows themselves are deleted some day.
create table outbox_ends (
  partition text primary key,
  last_seq bigint not null
);
