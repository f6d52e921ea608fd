import { defineError } from '@tributary/errors';
import { errors, importSPKI, jwtVerify } from 'jose';
import { LRUCache } from 'lru-cache';
import { z } from 'zod';

import type { Principal } from './principal.ts';

/** The header in which the gateway says who asks. */
export const identityHeader = 'tributary-identity';

const IdentityRefused = defineError(
  'UNAUTHENTICATED',
  (reason: string) => `The identity of the caller ${reason}`,
);

const claims = z.object({
  sub: z.string().min(1).optional(),
  roles: z.array(z.string()).default([]),
  scopes: z.array(z.string()).default([]),
  exp: z.number(),
});

/** Checks the gateway's signature under an identity and gives the principal in it. */
export type IdentityVerifier = (token: string) => Promise<Principal>;

/**
 * Makes a verifier for the gateway's Ed25519 key. A subgraph holds the public half only: it can check identities
 * and never make one for another subgraph. What was verified is remembered until it expires, since a gateway sends
 * the same text for every fetch of one caller.
 *
 * @param publicKey SPKI in PEM
 * @param subgraph our own name: an identity that was made for another subgraph is refused
 * @throws {TypeError} when the key is none
 * @throws {CodedError} UNAUTHENTICATED, from the verifier, for a wrong signature, audience, issuer or time
 */
export async function createIdentityVerifier(publicKey: string, subgraph: string): Promise<IdentityVerifier> {
  const key = await importKey(publicKey);
  const verified = new LRUCache<string, { principal: Principal; expiresAt: number }>({ max: 10_000 });
  return async (token) => {
    const known = verified.get(token);
    if (known && known.expiresAt > Date.now()) return known.principal;
    const { sub, roles, scopes, exp } = await readClaims(token, key, subgraph);
    const principal = Object.freeze({
      userId: sub ?? null,
      roles: Object.freeze(roles),
      scopes: Object.freeze(scopes),
    });
    verified.set(token, { principal, expiresAt: exp * 1000 });
    return principal;
  };
}

async function importKey(publicKey: string) {
  try {
    return await importSPKI(publicKey, 'EdDSA');
  } catch (error: unknown) {
    throw new TypeError('IDENTITY_PUBLIC_KEY must be an Ed25519 public key as SPKI in PEM', { cause: error });
  }
}

async function readClaims(token: string, key: Awaited<ReturnType<typeof importKey>>, subgraph: string) {
  try {
    const { payload } = await jwtVerify(token, key, {
      algorithms: ['EdDSA'],
      issuer: 'tributary-gateway',
      audience: subgraph,
      typ: 'tributary-identity+jwt',
      clockTolerance: 5,
    });
    return claims.parse(payload);
  } catch (error: unknown) {
    const reason = error instanceof errors.JWTExpired ? 'has expired' : 'is not one that the gateway signed';
    throw new IdentityRefused(reason).with({ cause: error });
  }
}
