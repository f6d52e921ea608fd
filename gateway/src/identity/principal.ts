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
