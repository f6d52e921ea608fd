import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, lstatSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';

import { exitCodes } from '../exit-codes.ts';
import { makePrivateKey, publicKeyOf } from '../keys.ts';
import { UsageError } from '../usage-error.ts';

/** The subgraphs of docker-compose.yml, which have a database each. */
const subgraphs = ['users', 'posts', 'comments'];

/**
 * `tributary secrets FOLDER` makes what docker-compose.yml hands to its services. A folder that has any of the files
 * is left alone: new keys would end every session, a new password would lock everybody out of the databases.
 */
export async function run(args: string[]): Promise<number> {
  const { positionals } = parseArgs({ args, allowPositionals: true });
  const [folder, ...rest] = positionals;
  if (folder === undefined || rest.length > 0) throw new UsageError('Expected one folder for the secrets');
  const files = Object.entries(makeSecrets());
  const present = files.map(([name]) => name).filter((name) => existsSync(join(folder, name)));
  if (present.length > 0) {
    process.stderr.write(
      `Expected no secrets in ${folder}, but there is ${present.join(', ')}: remove them to make new ones\n`,
    );
    return exitCodes.failed;
  }
  const problem = claimFolder(folder);
  if (problem !== undefined) {
    process.stderr.write(`${problem}\n`);
    return exitCodes.failed;
  }
  // Nothing is written over, nor through a link that somebody else has put there.
  for (const [name, text] of files) writeFileSync(join(folder, name), text, { mode: 0o644, flag: 'wx' });
  process.stderr.write(`Made ${files.length} files in ${folder}. Keep them out of version control.\n`);
  return exitCodes.done;
}

/**
 * Makes the folder, or closes one that is there. The folder keeps others out; the files are for everybody in it, since
 * Docker shows them to services as they are and those run as another user.
 *
 * @returns why it cannot hold secrets, if so
 */
function claimFolder(folder: string): string | undefined {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  // Without a slash at its end: that would follow a link.
  const stats = lstatSync(folder.replace(/(?<=.)\/+$/, ''));
  if (stats.isSymbolicLink()) return `Expected a folder of its own for the secrets, but ${folder} is a link`;
  const self = process.getuid?.();
  if (self !== undefined && stats.uid !== self) {
    return `Expected a folder of yours for the secrets, but ${folder} belongs to user ${stats.uid}`;
  }
  chmodSync(folder, 0o700);
  return undefined;
}

function makeSecrets(): Record<string, string> {
  const identityKey = makePrivateKey();
  return {
    'identity-private-key.pem': identityKey,
    'identity-public-key.pem': publicKeyOf(identityKey),
    'jwt-private-key.pem': makePrivateKey(),
    // The superuser's, which no subgraph gets.
    'database-password': makePassword(),
    ...Object.fromEntries(subgraphs.flatMap(makeDatabaseSecrets)),
  };
}

/** A password of its own: one subgraph cannot read what another keeps. */
function makeDatabaseSecrets(name: string): [file: string, text: string][] {
  const password = makePassword();
  return [
    [`${name}-database-password`, password],
    [`${name}-database-url`, `postgres://${name}:${password}@postgres:5432/${name}`],
  ];
}

const makePassword = (): string => randomBytes(24).toString('base64url');
