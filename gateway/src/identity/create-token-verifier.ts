import { toError } from '@tributary/errors';
import {
  createLocalJWKSet,
  createRemoteJWKSet,
  errors,
  jwtVerify,
  type JSONWebKeySet,
  type JWTPayload,
  type JWTVerifyGetKey,
} from 'jose';
import { LRUCache } from 'lru-cache';

import { ServiceUnavailable, Unauthenticated } from '../errors/gateway-errors.ts';
import { isInternalScope } from './caller-verifier.ts';
import { anonymous, type Principal } from './principal.ts';

export interface TokenVerifierOptions {
  /** Where the keys are, or the keys themselves in tests. */
  readonly jwks: string | JSONWebKeySet;
  readonly issuer: string;
  readonly audience: string;
  /** How many verified tokens are remembered until they expire. @default 10000 */
  readonly cacheSize?: number;
}

/** Gives the principal of an Authorization header. */
export type TokenVerifier = (authorization: string | undefined) => Principal | Promise<Principal>;

// Only what needs a private key to sign: with HMAC in the list, a public key could be taken for a secret.
const algorithms = ['EdDSA', 'ES256', 'RS256'];
const clockToleranceSeconds = 5;
const jwksTimeoutMs = 3000;

/**
 * Verifies client tokens. A verification costs a tenth of a millisecond and a client sends the same token again and
 * again, so a verified one is remembered until it expires.
 *
 * @throws {Unauthenticated} (in the returned function) for a token that is wrong, expired or not a Bearer token
 * @throws {ServiceUnavailable} when the keys cannot be read: nobody knows yet whether the token is wrong
 */
export function createTokenVerifier({
  jwks,
  issuer,
  audience,
  cacheSize = 10_000,
}: TokenVerifierOptions): TokenVerifier {
  const findKey = typeof jwks === 'string' ? createRemoteJwks(jwks) : createLocalJWKSet(jwks);
  const verified = new LRUCache<string, Principal>({ max: cacheSize });
  const options = {
    algorithms,
    issuer,
    audience,
    clockTolerance: clockToleranceSeconds,
    requiredClaims: ['sub', 'exp'],
  };

  const verify = async (token: string): Promise<Principal> => {
    const { payload } = await jwtVerify(token, findKey, options).catch((error: unknown) => {
      throw refusalFor(error);
    });
    const principal = toPrincipal(payload);
    const ttl = (payload.exp ?? 0) * 1000 - Date.now();
    if (ttl > 0) verified.set(token, principal, { ttl });
    return principal;
  };

  return (authorization) => {
    if (authorization === undefined) return anonymous;
    const token = readBearer(authorization);
    return verified.get(token) ?? verify(token);
  };
}

const createRemoteJwks = (url: string): JWTVerifyGetKey =>
  createRemoteJWKSet(new URL(url), { timeoutDuration: jwksTimeoutMs });

function readBearer(authorization: string): string {
  const token = /^bearer +([^\s]+)$/i.exec(authorization.trim())?.[1];
  if (token) return token;
  const scheme = /^[\w-]+(?= )/.exec(authorization)?.[0] ?? 'something else';
  throw unauthenticated(`Expected the Authorization header to be "Bearer <token>", but got ${scheme}`);
}

/** Wrong tokens are the caller's fault; anything else that stops a verification is ours. */
function refusalFor(error: unknown): Error {
  if (error instanceof errors.JWTExpired) return unauthenticated('The token has expired: sign in again');
  if (error instanceof errors.JWTClaimValidationFailed) {
    return unauthenticated(`The token does not fit this endpoint: its claim "${error.claim}" is wrong`);
  }
  if (wrongTokenErrors.some((kind) => error instanceof kind)) {
    return unauthenticated('The token is not one of this endpoint: sign in again');
  }
  return new ServiceUnavailable('Tokens cannot be verified at the moment: try again').with({
    cause: toError(error),
  });
}

const wrongTokenErrors = [
  errors.JWTInvalid,
  errors.JWSInvalid,
  errors.JWSSignatureVerificationFailed,
  errors.JOSEAlgNotAllowed,
  errors.JOSENotSupported,
  errors.JWKSNoMatchingKey,
  errors.JWKSMultipleMatchingKeys,
];

const unauthenticated = (message: string) =>
  new Unauthenticated(message).with({
    extensions: { http: { headers: { 'www-authenticate': 'Bearer error="invalid_token"' } } },
  });

const toPrincipal = ({ sub, exp, ...claims }: JWTPayload): Principal =>
  Object.freeze({
    sub: sub ?? '',
    roles: Array.isArray(claims['roles']) ? claims['roles'].map(String) : [],
    scopes: typeof claims['scope'] === 'string' ? readScopes(claims['scope']) : [],
    expiresAt: exp ?? 0,
  });

/** Whoever signs tokens may let members name the scopes that they want: those that are ours are nobody else's. */
const readScopes = (text: string): readonly string[] =>
  text.split(' ').filter((scope) => scope !== '' && !isInternalScope(scope));
