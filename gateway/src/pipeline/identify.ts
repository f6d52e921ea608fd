import type { CallerSource, CallerVerifier } from '../identity/caller-verifier.ts';
import type { Accepted, Identified, Stage } from './stages.ts';

export interface IdentifyOptions {
  readonly verifyToken: CallerVerifier;
}

/**
 * Finds out who asks. No token is an anonymous caller; a wrong one is refused and never taken for none.
 *
 * @throws {CodedError} UNAUTHENTICATED, or SERVICE_UNAVAILABLE when nobody can tell
 */
export const identify =
  ({ verifyToken }: IdentifyOptions): Stage<Accepted, Identified> =>
  (accepted) => {
    const principal = verifyToken(accepted.authorization, accepted.source ?? nothing);
    // Most tokens are known, and then there is nothing to wait for.
    if (!(principal instanceof Promise)) return { ...accepted, principal };
    return principal.then((verified) => ({ ...accepted, principal: verified }));
  };

const nothing: CallerSource = Object.freeze({ headers: Object.freeze({}) });
