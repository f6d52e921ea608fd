/** Who asks: what a verified client token says, and nothing else of it. */
export interface Principal {
  /** The user's id; absent for a caller without a token. */
  readonly sub?: string;
  readonly roles: readonly string[];
  readonly scopes: readonly string[];
  /** When the token ends, in seconds since 1970; absent for a caller without one. */
  readonly expiresAt?: number;
}

/** The one caller without a token: a single object, so that what is cached for it is found by it. */
export const anonymous: Principal = Object.freeze({ roles: [], scopes: [] });

/**
 * All of a principal that an answer may depend on, as one text: two callers of one projection may share answers.
 *
 * @example identityProjectionOf(anonymous) // ''
 * @example identityProjectionOf({ sub: '1', roles: ['ADMIN'], scopes: [] }) // '["1",[],["ADMIN"]]'
 */
export function identityProjectionOf(principal: Principal): string {
  const { sub, scopes, roles } = principal;
  const isAnonymous = sub === undefined && scopes.length === 0 && roles.length === 0;
  return isAnonymous ? '' : JSON.stringify([sub ?? null, scopes, roles]);
}
