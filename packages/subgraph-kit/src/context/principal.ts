/** Who asks: what the gateway found out and signed. */
export interface Principal {
  /** The user's id, or `null` for somebody who did not sign in. */
  readonly userId: string | null;
  readonly roles: readonly string[];
  readonly scopes: readonly string[];
}

/** Somebody who did not sign in: known to be unknown, unlike a request that carries no identity at all. */
export const anonymous: Principal = Object.freeze({
  userId: null,
  roles: Object.freeze([]),
  scopes: Object.freeze([]),
});

export const hasRole = (principal: Principal, role: string): boolean => principal.roles.includes(role);
