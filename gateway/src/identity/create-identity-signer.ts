import { createPrivateKey } from 'node:crypto';

import { SignJWT } from 'jose';

import type { Principal } from './principal.ts';

/** Gives the value of the header `tributary-identity` for a principal, good for one subgraph only. */
export type IdentitySigner = (principal: Principal, subgraph: string) => string | Promise<string>;

export interface IdentitySignerOptions {
  /** Ed25519, PKCS#8 PEM. */
  readonly privateKey: string;
  /** The clock, in milliseconds. @default Date.now */
  readonly now?: () => number;
}

interface SignedIdentity {
  readonly header: string;
  readonly renewAt: number;
}

const lifetimeSeconds = 900;
// A request that began with a valid token may end after it: its fetches must not fail in between.
const graceSeconds = 60;

/**
 * Signs who asks, so that a subgraph need not trust the network. A signature costs 70 µs and holds for many requests,
 * so each principal keeps one for each subgraph until shortly before it ends. It names the subgraph that it is for: one
 * that was broken into cannot ask another in the name of its callers.
 *
 * @example await sign(principal, 'posts') // 'eyJhbGciOiJFZERTQSIsInR5cCI6InRyaWJ1dGFyeS1pZGVudGl0eStqd3QifQ…'
 */
export function createIdentitySigner({ privateKey, now = Date.now }: IdentitySignerOptions): IdentitySigner {
  const key = createPrivateKey(privateKey);
  const signed = new WeakMap<Principal, Map<string, SignedIdentity>>();

  const signAnew = async (principal: Principal, subgraph: string): Promise<string> => {
    const issuedAt = Math.floor(now() / 1000);
    const holdsUntil = Math.min(principal.expiresAt ?? Infinity, issuedAt + lifetimeSeconds);
    const claims = new SignJWT({ roles: principal.roles, scopes: principal.scopes })
      .setProtectedHeader({ alg: 'EdDSA', typ: 'tributary-identity+jwt' })
      .setIssuer('tributary-gateway')
      .setAudience(subgraph)
      .setIssuedAt(issuedAt)
      .setExpirationTime(holdsUntil + graceSeconds);
    if (principal.sub !== undefined) claims.setSubject(principal.sub);
    const header = await claims.sign(key);
    const ofPrincipal = signed.get(principal) ?? new Map<string, SignedIdentity>();
    signed.set(principal, ofPrincipal.set(subgraph, { header, renewAt: holdsUntil * 1000 }));
    return header;
  };

  return (principal, subgraph) => {
    const known = signed.get(principal)?.get(subgraph);
    return known && now() < known.renewAt ? known.header : signAnew(principal, subgraph);
  };
}
