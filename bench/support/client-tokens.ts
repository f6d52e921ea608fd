import { generateKeyPairSync, randomUUID, sign, type KeyObject } from 'node:crypto';

/** Signs tokens as clients of a supergraph send them. */
export interface TokenIssuer {
  readonly issuer: string;
  readonly audience: string;
  /** The public key, as the gateway fetches it. */
  readonly jwks: { readonly keys: readonly object[] };
  /** A token of a user of their own, good for a day. */
  tokenOf(user: number): string;
}

const keyId = 'bench';
const lifetimeSeconds = 86_400;

/** Makes a key pair of its own; the same algorithm and claims as the users subgraph. */
export function createTokenIssuer(issuer = 'http://users.bench.test', audience = 'tributary'): TokenIssuer {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid: keyId, alg: 'EdDSA', use: 'sig' };
  const iat = Math.floor(Date.now() / 1000);
  const common = { iss: issuer, aud: audience, iat, exp: iat + lifetimeSeconds };
  return {
    issuer,
    audience,
    jwks: { keys: [jwk] },
    tokenOf: (user) =>
      signToken(privateKey, {
        ...common,
        sub: `user-${user}`,
        roles: ['USER'],
        scope: '',
        jti: randomUUID(),
      }),
  };
}

function signToken(key: KeyObject, claims: object): string {
  const head = { alg: 'EdDSA', typ: 'JWT', kid: keyId };
  const text = [head, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');
  return `${text}.${sign(null, Buffer.from(text), key).toString('base64url')}`;
}

/** An Ed25519 private key in PKCS#8 PEM, as the gateway takes it to sign identities with. */
export const createIdentityKey = (): string =>
  generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
