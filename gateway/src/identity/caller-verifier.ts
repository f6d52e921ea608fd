import type { IncomingHttpHeaders } from 'node:http';

import type { Principal } from './principal.ts';

/** What says who a caller is, beside a token. */
export interface CallerSource {
  /**
   * Those of the request, or of the one that became a socket; without its cookies and credentials where a page sent it that
   * may not use them. Empty when a socket renews its token.
   */
  readonly headers: IncomingHttpHeaders;
  /** What a socket has said by itself: in `connection_init`, or in the `ping` with its next token. No proxy has seen it. */
  readonly payload?: Readonly<Record<string, unknown>> | null | undefined;
}

/** Gives the principal of an Authorization header, or of what else the request brought. */
export type CallerVerifier = (
  authorization: string | undefined,
  source: CallerSource,
) => Principal | Promise<Principal>;

/** With scopes like this one the gateway speaks for itself to subgraphs, which let it do more than any member may. */
export const isInternalScope = (scope: string): boolean => /^internal:/i.test(scope);

/**
 * Holds a verifier of somebody else to what holds for ours: nobody who asks from outside speaks for the gateway.
 *
 * @throws {TypeError} (in the returned function) for a principal with a scope of ours
 */
export const withoutInternalScopes =
  (verify: CallerVerifier): CallerVerifier =>
  (authorization, source) => {
    const principal = verify(authorization, source);
    return principal instanceof Promise ? principal.then(refuseInternal) : refuseInternal(principal);
  };

function refuseInternal(principal: Principal): Principal {
  const scope = principal.scopes.find(isInternalScope);
  if (scope === undefined) return principal;
  throw new TypeError(`Expected a caller without scopes of the gateway, but got ${scope}`);
}
