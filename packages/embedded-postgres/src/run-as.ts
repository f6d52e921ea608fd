import { accessSync, constants, existsSync, readFileSync, statSync } from 'node:fs';
import { delimiter, dirname, join, parse } from 'node:path';

import { EmbeddedPostgresError } from './embedded-postgres-error.ts';

/** The user that PostgreSQL's programs run as, and how to start one as that user. */
export interface RunAs {
  /** Absent: as ourselves. */
  readonly user?: User;
  /** The command line for a program, with what changes the user in front of it where that is needed. */
  command(program: string, args: readonly string[]): SpawnArguments;
}

export interface User {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

export interface SpawnArguments {
  readonly file: string;
  readonly args: readonly string[];
  readonly options: { readonly uid?: number; readonly gid?: number };
}

/**
 * PostgreSQL refuses to run as root, so root lends it a user: the one that already owns the data, else `postgres`
 * where the machine has it, else `nobody`, which every machine has. No user is ever created.
 *
 * That user must be able to walk to the data and to the programs. Where it is not (a clone in /root, say), the
 * programs get the one capability for it from setpriv, which is part of every Linux distribution.
 *
 * @throws {EmbeddedPostgresError} when a folder is closed and there is no setpriv
 */
export function chooseRunAs(
  dataFolder: string,
  paths: readonly string[],
  searchPath: string = process.env['PATH'] ?? '',
): RunAs {
  if (process.getuid?.() !== 0) return { command: (file, args) => ({ file, args, options: {} }) };
  const user = chooseUser(dataFolder);
  const { uid, gid } = user;
  const closed = findClosedFolder([dataFolder, ...paths], user);
  if (!closed) return { user, command: (file, args) => ({ file, args, options: { uid, gid } }) };
  const setpriv = findProgram('setpriv', searchPath);
  if (!setpriv) {
    throw new EmbeddedPostgresError(
      'FOLDER_NOT_TRAVERSABLE',
      `PostgreSQL does not run as root and its user ${user.name} cannot enter ${closed}: ` +
        `run "chmod o+x ${closed}" or start as another user than root`,
    );
  }
  return { user, command: (program, args) => withCapability(setpriv, user, program, args) };
}

/**
 * PostgreSQL looks for itself with access(2), which drops capabilities of an unprivileged user unless the
 * `no_setuid_fixup` bit keeps them.
 */
const withCapability = (
  setpriv: string,
  { uid, gid }: User,
  program: string,
  args: readonly string[],
): SpawnArguments => ({
  file: setpriv,
  args: [
    `--reuid=${uid}`,
    `--regid=${gid}`,
    '--clear-groups',
    '--securebits=+no_setuid_fixup',
    '--inh-caps=+dac_override',
    '--ambient-caps=+dac_override',
    '--',
    program,
    ...args,
  ],
  options: {},
});

function chooseUser(dataFolder: string): User {
  const users = readUsers();
  if (existsSync(dataFolder)) {
    const { uid } = statSync(dataFolder);
    const owner = users.find((user) => user.uid === uid && uid !== 0);
    if (owner) return owner;
  }
  const user = users.find(({ name }) => name === 'postgres') ?? users.find(({ name }) => name === 'nobody');
  return user ?? { name: 'nobody', uid: 65534, gid: 65534 };
}

const readUsers = (): User[] =>
  readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
    .map(([name = '', , uid, gid]) => ({ name, uid: Number(uid), gid: Number(gid) }));

/** The outermost folder on the way to any of the paths that the user may not enter. */
export function findClosedFolder(paths: readonly string[], { uid, gid }: User): string | undefined {
  return paths.flatMap(parentsOf).find((folder) => {
    const { mode, uid: owner, gid: group } = statSync(folder);
    const shift = owner === uid ? 6 : group === gid ? 3 : 0;
    return ((mode >> shift) & 1) === 0;
  });
}

/** `/a/b/c` → `/`, `/a`, `/a/b`; only those that exist, since what we make ourselves is open. */
function parentsOf(path: string): string[] {
  const { root } = parse(path);
  const parents: string[] = [];
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    if (existsSync(folder)) parents.unshift(folder);
    if (folder === root) return parents;
  }
}

function findProgram(name: string, searchPath: string): string | undefined {
  const candidates = searchPath
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, name));
  return candidates.find((file) => {
    try {
      accessSync(file, constants.X_OK);
      return true;
    } catch {
      return false; // not there, or not for us: the next folder may have it
    }
  });
}
