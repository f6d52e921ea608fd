import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { makePrivateKey, publicKeyOf } from '../keys.ts';
import { DevError } from './dev-error.ts';
import type { DevSettings } from './dev-settings.ts';

/** Keys in PEM. */
export interface DevKeys {
  /** Signs who asks, from the gateway to the subgraphs. */
  readonly identityPrivateKey: string;
  readonly identityPublicKey: string;
  /** Signs the tokens of clients. */
  readonly jwtPrivateKey: string;
}

/** The keys that were set, else such as are made once for this data folder, so that tokens survive a restart. */
export function readOrMakeKeys(settings: DevSettings): DevKeys {
  const folder = join(settings.dataFolder, 'keys');
  const identityPrivateKey = settings.identityPrivateKey ?? readOrMakeKey(folder, 'identity');
  return {
    identityPrivateKey,
    identityPublicKey: publicHalf(identityPrivateKey),
    jwtPrivateKey: settings.jwtPrivateKey ?? readOrMakeKey(folder, 'jwt'),
  };
}

function readOrMakeKey(folder: string, name: string): string {
  const file = join(folder, `${name}.pem`);
  if (existsSync(file)) return readFileSync(file, 'utf8');
  const privateKey = makePrivateKey();
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeFileSync(file, privateKey, { mode: 0o600 });
  return privateKey;
}

function publicHalf(privateKey: string): string {
  try {
    return publicKeyOf(privateKey);
  } catch (error: unknown) {
    throw new DevError(
      'IDENTITY_PRIVATE_KEY must be an Ed25519 private key in PKCS#8 PEM, but got something else',
      {
        cause: error,
      },
    );
  }
}
