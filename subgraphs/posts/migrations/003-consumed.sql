-- How far each consumer has read the event log, by partition; the one without a name says that it has begun.
create table consumed (
  consumer text not null,
  partition text not null,
  seq bigint not null,
  primary key (consumer, partition)
);
