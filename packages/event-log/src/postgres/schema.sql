-- The event log. It stands in a database of its own, which no subgraph reads or writes.

create table if not exists event_log_partitions (
  partition text primary key,
  -- What is held: first_seq to last_seq, without holes. Both are 0 while it is empty.
  first_seq bigint not null default 0,
  last_seq bigint not null default 0
);

create table if not exists event_log (
  partition text not null,
  seq bigint not null,
  event text not null,
  appended_at timestamptz not null default now(),
  primary key (partition, seq)
);

-- Appends to one partition under the lock of its row, so that whoever sees an event sees all before it.
-- Returns where the partition ended before and after.
create or replace function event_log_append(
  wanted text, seqs bigint[], events text[], restart boolean, max_events bigint, max_age interval
) returns bigint[] language plpgsql as $$
declare
  held event_log_partitions;
  before_seq bigint;
  after_seq bigint;
  kept bigint;
begin
  insert into event_log_partitions (partition) values (wanted) on conflict do nothing;
  select * into held from event_log_partitions where partition = wanted for update;
  before_seq := held.last_seq;
  if restart and seqs[1] > before_seq + 1 then
    delete from event_log where partition = wanted;
    before_seq := seqs[1] - 1;
    held.first_seq := 0;
  end if;

  after_seq := before_seq;
  for place in 1 .. cardinality(seqs) loop
    exit when seqs[place] > after_seq + 1;
    continue when seqs[place] <= after_seq;
    insert into event_log (partition, seq, event) values (wanted, seqs[place], events[place]);
    after_seq := seqs[place];
  end loop;
  if after_seq = before_seq then return array[held.last_seq, held.last_seq]; end if;

  kept := case when held.first_seq = 0 then before_seq + 1 else held.first_seq end;
  -- Now and then: what is dropped is looked for, and what is dropped one by one costs more.
  if after_seq / 100 > before_seq / 100 then
    select greatest(kept, after_seq - max_events + 1, coalesce(min(young.seq), after_seq)) into kept
      from (
        select seq from event_log where partition = wanted and appended_at >= now() - max_age
        order by seq limit 1
      ) young;
    delete from event_log where partition = wanted and seq < kept;
  end if;
  update event_log_partitions set first_seq = kept, last_seq = after_seq where partition = wanted;
  -- Only the place: a notice takes less than 8000 bytes.
  perform pg_notify('event_log', wanted || ' ' || after_seq);
  return array[before_seq, after_seq];
end $$;
