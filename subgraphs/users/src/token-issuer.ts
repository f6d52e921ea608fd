import { createPrivateKey, createPublicKey, randomUUID } from 'node:crypto';

import { calculateJwkThumbprint, exportJWK, SignJWT, type JSONWebKeySet } from 'jose';

import type { UserRole, UserRow } from './repository.ts';

export interface TokenIssuerOptions {
  /** Ed25519, PKCS#8 in PEM. */
  readonly jwtPrivateKey: string;
  readonly jwtIssuer: string;
  readonly jwtAudience: string;
  readonly jwtLifetimeSeconds: number;
}

/** A token for a client, and what the client should know of it. */
export interface IssuedToken {
  readonly token: string;
  readonly expiresAt: Date;
  readonly sessionId: string;
}

/** Makes the tokens that clients show at the gateway. */
export interface TokenIssuer {
  issue(user: Pick<UserRow, 'id' | 'role'>): Promise<IssuedToken>;
  /** What the gateway checks them with. */
  readonly keySet: JSONWebKeySet;
}

const scopesOfUsers = ['write:posts', 'write:comments'];
const scopesOfModerators = [...scopesOfUsers, 'moderate:posts', 'moderate:comments'];

/** What a token lets its bearer do; a role may do all that the one before it may. */
const scopesOf: Readonly<Record<UserRole, readonly string[]>> = {
  USER: scopesOfUsers,
  MODERATOR: scopesOfModerators,
  ADMIN: [...scopesOfModerators, 'admin:users'],
};

/** Makes an issuer; the key's id is its thumbprint, so equal keys have equal ids in every replica. */
export async function createTokenIssuer(options: TokenIssuerOptions): Promise<TokenIssuer> {
  const { jwtIssuer, jwtAudience, jwtLifetimeSeconds } = options;
  const privateKey = createPrivateKey(options.jwtPrivateKey);
  const publicKey = await exportJWK(createPublicKey(privateKey));
  const kid = await calculateJwkThumbprint(publicKey);
  return {
    keySet: { keys: [{ ...publicKey, kid, alg: 'EdDSA', use: 'sig' }] },
    issue: async ({ id, role }) => {
      const sessionId = randomUUID();
      const issuedAt = Math.floor(Date.now() / 1000);
      const expiresAt = issuedAt + jwtLifetimeSeconds;
      const token = await new SignJWT({ roles: [role], scope: scopesOf[role].join(' ') })
        .setProtectedHeader({ alg: 'EdDSA', typ: 'JWT', kid })
        .setIssuer(jwtIssuer)
        .setAudience(jwtAudience)
        .setSubject(id)
        .setJti(sessionId)
        .setIssuedAt(issuedAt)
        .setExpirationTime(expiresAt)
        .sign(privateKey);
      return { token, sessionId, expiresAt: new Date(expiresAt * 1000) };
    },
  };
}
