import { createPrivateKey } from 'node:crypto';

import { checkConfig, type Environment } from '@tributary/config';
import { readPem, readSubgraphConfig } from '@tributary/subgraph-kit';

/** The settings of the users subgraph, listed in docs/operations.md. */
export const readConfig = (env: Environment) =>
  checkConfig(env, (read) => {
    const jwtPrivateKey = readPem(read, 'JWT_PRIVATE_KEY');
    if (jwtPrivateKey !== undefined && !isEd25519Key(jwtPrivateKey))
      read.refuse('JWT_PRIVATE_KEY must be an Ed25519 key in PKCS#8 PEM, but is something else');
    return {
      ...readSubgraphConfig(read, { port: 4001 }),
      jwtPrivateKey,
      jwtIssuer: read.string('JWT_ISSUER', { default: 'http://127.0.0.1:4001' }),
      jwtAudience: read.string('JWT_AUDIENCE', { default: 'tributary' }),
      jwtLifetimeSeconds: read.integer('JWT_LIFETIME_SECONDS', { default: 900, min: 1, max: 86_400 }),
    };
  });

export type UsersConfig = ReturnType<typeof readConfig>;

function isEd25519Key(pem: string): boolean {
  try {
    return createPrivateKey(pem).asymmetricKeyType === 'ed25519';
  } catch {
    return false; // what does not parse is no key; its text must not be in a message
  }
}
