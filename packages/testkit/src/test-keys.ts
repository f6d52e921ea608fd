import { generateKeyPairSync, randomUUID } from 'node:crypto';

import { importPKCS8, SignJWT } from 'jose';

/** A pair of Ed25519 keys in PEM: SPKI and PKCS8. */
export interface TestKeys {
  readonly publicKey: string;
  readonly privateKey: string;
}

export const createTestKeys = (): TestKeys =>
  generateKeyPairSync('ed25519', {
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });

/** Whom a test asks as. */
export interface TestPrincipal {
  /** @default an anonymous caller */
  readonly userId?: string;
  readonly roles?: readonly string[];
  readonly scopes?: readonly string[];
}

/**
 * Signs an identity as the gateway does, for tests that speak to a subgraph without one.
 *
 * @param subgraph the only one that will take it
 * @returns the value of the header `tributary-identity`
 */
export async function signIdentity(
  keys: TestKeys,
  subgraph: string,
  { userId, roles = [], scopes = [] }: TestPrincipal,
): Promise<string> {
  const token = new SignJWT({ roles, scopes })
    .setProtectedHeader({ alg: 'EdDSA', typ: 'tributary-identity+jwt' })
    .setIssuer('tributary-gateway')
    .setAudience(subgraph)
    .setIssuedAt()
    .setExpirationTime('5 minutes');
  if (userId !== undefined) token.setSubject(userId);
  return token.sign(await importPKCS8(keys.privateKey, 'EdDSA'));
}

export interface TestTokenOptions extends TestPrincipal {
  readonly issuer: string;
  readonly audience: string;
  readonly keyId: string;
  /** Seconds from now; negative for one that has expired. @default 300 */
  readonly lifetimeSeconds?: number;
}

/** Signs a client's token as the users subgraph does, for tests of gateways without one. */
export async function signToken(keys: TestKeys, options: TestTokenOptions): Promise<string> {
  const { userId = 'u1', roles = [], scopes = [], issuer, audience, keyId, lifetimeSeconds = 300 } = options;
  const now = Math.floor(Date.now() / 1000);
  return new SignJWT({ roles, scope: scopes.join(' ') })
    .setProtectedHeader({ alg: 'EdDSA', kid: keyId })
    .setIssuer(issuer)
    .setAudience(audience)
    .setSubject(userId)
    .setJti(randomUUID())
    .setIssuedAt(now - 600)
    .setExpirationTime(now + lifetimeSeconds)
    .sign(await importPKCS8(keys.privateKey, 'EdDSA'));
}
