import { createHmac } from 'node:crypto';

import type { Sql } from 'postgres';

/** The role that owns a database, and nothing else. */
export interface DatabaseOwner {
  readonly role: string;
  readonly password: string;
}

/**
 * The owner of a database. Its password is made from the cluster's own, which is random and stands in the folder for
 * its owner only: there is no second file to lose, and nobody gets from one to another or back.
 *
 * @example databaseOwner('users', password) // { role: 'users_owner', password: '…' }
 */
export const databaseOwner = (database: string, clusterPassword: string): DatabaseOwner => ({
  role: `${database}_owner`,
  password: createHmac('sha256', clusterPassword).update(`owner of ${database}`).digest('base64url'),
});

/** What there is of the databases that a start needs. */
export interface PresentDatabases {
  readonly databases: ReadonlySet<string>;
  /** Databases that belong to their own role already. */
  readonly owned: ReadonlySet<string>;
}

/** Asks once for all of them, since a start usually finds nothing to do. */
export async function findDatabases(sql: Sql): Promise<PresentDatabases> {
  const rows = await sql<{ name: string; isOwned: boolean }[]>`
    select datname as name, rolname = datname || '_owner' as "isOwned"
    from pg_database join pg_roles on pg_roles.oid = datdba`;
  return {
    databases: new Set(rows.map(({ name }) => name)),
    owned: new Set(rows.flatMap(({ name, isOwned }) => (isOwned ? [name] : []))),
  };
}

/** Creates a database that only its owner, and the superuser, can connect to. */
export async function createOwnedDatabase(sql: Sql, database: string, owner: DatabaseOwner): Promise<void> {
  await createRole(sql, owner);
  await sql`create database ${sql(database)} owner ${sql(owner.role)}`;
  await sql`revoke all on database ${sql(database)} from public`;
}

/**
 * Gives a database of an earlier version, where everything belonged to the superuser, to its owner. The database itself
 * comes last: one that was interrupted is found again by its owner.
 *
 * @param sql on the cluster
 * @param inside on the database
 */
export async function giveToOwner(
  sql: Sql,
  inside: Sql,
  database: string,
  owner: DatabaseOwner,
): Promise<void> {
  await createRole(sql, owner);
  await inside.begin(async (inside) => {
    await inside`select set_config('tributary.owner', ${owner.role}, true)`;
    await inside.unsafe(giveObjects);
  });
  await sql`revoke all on database ${sql(database)} from public`;
  await sql`alter database ${sql(database)} owner to ${sql(owner.role)}`;
}

async function createRole(sql: Sql, { role, password }: DatabaseOwner): Promise<void> {
  const [present] = await sql`select from pg_roles where rolname = ${role}`;
  // A password stands in a statement as a literal; this one has letters, digits, "-" and "_".
  if (!present) await sql`create role ${sql(role)} login password ${sql.unsafe(`'${password}'`)}`;
}

/**
 * `reassign owned` refuses the objects of the first superuser, for the system's are among them. Sequences of a column
 * go with their table, what belongs to an extension stays with it.
 */
const giveObjects = `
do $$
declare
  owner text := current_setting('tributary.owner');
  statement text;
begin
  for statement in
    with ours as (
      select oid from pg_namespace where nspname !~ '^pg_' and nspname <> 'information_schema'
    ), kept as (
      select classid, objid from pg_depend
      where deptype = 'e' or (classid = 'pg_class'::regclass and refobjsubid > 0 and deptype in ('a', 'i'))
    )
    select format('alter schema %I owner to %I', nspname, owner)
    from pg_namespace where oid in (select oid from ours) and nspname <> 'public'
    union all
    select format('alter table %s owner to %I', oid::regclass, owner)
    from pg_class
    where relnamespace in (select oid from ours) and relkind in ('r', 'p', 'v', 'm', 'f', 'S')
      and ('pg_class'::regclass, oid) not in (select classid, objid from kept)
    union all
    select format('alter routine %s owner to %I', oid::regprocedure, owner)
    from pg_proc
    where pronamespace in (select oid from ours)
      and ('pg_proc'::regclass, oid) not in (select classid, objid from kept)
    union all
    select format('alter type %s owner to %I', oid::regtype, owner)
    from pg_type
    where typnamespace in (select oid from ours) and typtype in ('e', 'd')
      and ('pg_type'::regclass, oid) not in (select classid, objid from kept)
  loop
    execute statement;
  end loop;
end
$$`;
