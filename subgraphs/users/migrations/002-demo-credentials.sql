-- Everybody knows the password of the seed's members, so a process in production must be able to tell them apart.
alter table credentials add column is_demo boolean not null default false;

-- Those that an earlier start seeded: their ids are numbers, members who sign up get UUIDs.
update credentials set is_demo = true where user_id ~ '^[0-9]+$';
