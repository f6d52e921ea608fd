#!/bin/sh
# One database, one owner and one password for each subgraph: none can read what another stores. PostgreSQL's image runs this once,
# when its volume is new.
set -eu
for name in users posts comments; do
  password=$(cat "/run/secrets/${name}_database_password")
  psql --set=ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
    --set=name="$name" --set=password="$password" <<'SQL'
create role :"name" login password :'password';
create database :"name" owner :"name";
revoke connect on database :"name" from public;
SQL
done
