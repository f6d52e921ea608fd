import { requestIdOf, currentRequest } from '@tributary/telemetry';
import { LRUCache } from 'lru-cache';

import { identityProjection } from '../authorization/identity-projection.ts';
import type { CancelSignal } from '../cancellation.ts';
import { isForwardable } from '../http/forwarded-headers.ts';
import { traceparentOf } from '../http/traceparent.ts';
import { createIdentitySigner } from '../identity/create-identity-signer.ts';
import { anonymous, type Principal } from '../identity/principal.ts';
import type { FetchContext } from '../subgraph-client/subgraph-client.ts';

/** Who asks, and what of the request goes on to subgraphs. */
export interface Caller {
  /** What a verified token says. @default a caller without a token */
  readonly principal?: Principal | undefined;
  /** Headers for every fetch. They are part of what makes two fetches equal, so each costs some sharing. @default none */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** The labels of `@override` that are on for this request. @default none */
  readonly overrideLabels?: readonly string[] | undefined;
  /** Ends the request, for example when the client is gone. @default only the deadline does */
  readonly signal?: CancelSignal | undefined;
}

/** Finds out who asks from the context value of a request, which Apollo Server's `context` function has made. */
export type Identify<Context> = (contextValue: Context) => Caller | Promise<Caller>;

/** The headers of a request, as a gateway gets them from Apollo Server. */
export interface RequestHeaders {
  get(name: string): string | null;
}

/** Tells subgraphs who asks. */
export type DescribeToSubgraphs = (caller: Caller, headers?: RequestHeaders) => Omit<FetchContext, 'signal'>;

// Whoever asks anew after so many others is signed for again.
const maxPrincipals = 10_000;

/**
 * Makes what the fetches of a request have in common.
 *
 * @param identityPrivateKey signs who asks; without it subgraphs are told nothing but the headers
 * @throws {TypeError} (in the returned function) for a header that may not be forwarded
 */
export function describeToSubgraphs(identityPrivateKey: string | undefined): DescribeToSubgraphs {
  const sign =
    identityPrivateKey === undefined ? undefined : createIdentitySigner({ privateKey: identityPrivateKey });
  // Signatures are kept by principal, and here each request may bring an object of its own.
  const principals = new LRUCache<string, Principal>({ max: maxPrincipals });
  const known = (principal: Principal, projection: string): Principal => {
    const key = `${principal.expiresAt} ${projection}`;
    const first = principals.get(key) ?? principal;
    if (first === principal) principals.set(key, principal);
    return first;
  };

  return ({ principal = anonymous, headers }, requestHeaders) => {
    const projection = identityProjection(principal);
    return {
      requestId: currentRequest()?.requestId ?? requestIdOf(requestHeaders?.get('x-request-id') ?? undefined),
      traceparent: traceparentOf(requestHeaders?.get('traceparent')),
      identityFor: sign && ((subgraph) => sign(known(principal, projection), subgraph)),
      identityProjection: projection,
      headers: headers && checkHeaders(headers),
    };
  };
}

function checkHeaders(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const entries = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value] as const);
  for (const [name] of entries) {
    if (isForwardable(name)) continue;
    throw new TypeError(`Expected identify to give headers that may be forwarded, but got "${name}"`);
  }
  return Object.fromEntries(entries);
}
