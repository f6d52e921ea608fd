import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
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
  // The folder keeps others out. The files are for everybody in it, since Docker shows them to services as they are
  // and those run as another user.
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (const [name, text] of files) writeFileSync(join(folder, name), text, { mode: 0o644 });
  process.stderr.write(`Made ${files.length} files in ${folder}. Keep them out of version control.\n`);
  return exitCodes.done;
}

function makeSecrets(): Record<string, string> {
  const identityKey = makePrivateKey();
  const password = randomBytes(24).toString('base64url');
  const addresses = subgraphs.map((name) => [
    `${name}-database-url`,
    `postgres://${name}:${password}@postgres:5432/${name}`,
  ]);
  return {
    'identity-private-key.pem': identityKey,
    'identity-public-key.pem': publicKeyOf(identityKey),
    'jwt-private-key.pem': makePrivateKey(),
    'database-password': password,
    ...Object.fromEntries(addresses),
  };
}
