import type { Client, ClientOptions } from 'graphql-ws';

import { leavesGap, placeOf, resumeAfter } from './resume.ts';

export { renewToken, type RenewTokenOptions } from './renew-token.ts';

/**
 * Lets a client of graphql-ws go on where it was. When the connection is lost, the client subscribes again with the same
 * request; this keeps the cursor of the last result in that request, so that the gateway first sends what was missed.
 *
 * What a gateway leaves out for a client that reads slowly is read again in the same way, so nobody is told of it.
 *
 * An operation whose cursor the gateway no longer has ends with the error RESUME_TOO_OLD: read the present state, then
 * subscribe anew.
 *
 * @example
 * const client = resuming(createClient({ url, ...reconnectWhenTold() }));
 * for await (const result of client.iterate({ query })) show(result); // each event once, whatever the network does
 */
export function resuming(client: Client): Client {
  const subscribe: Client['subscribe'] = (payload, sink) => {
    let after: string | undefined;
    let leave = (): void => undefined;
    const begin = (): void => {
      // Of our own, since the caller may use its object for another operation.
      const request = { ...payload, extensions: resumeAfter(payload.extensions, after) };
      let isOver = false;
      leave = client.subscribe(request, {
        ...sink,
        next: (result) => {
          if (isOver) return;
          const place = placeOf(result);
          if (leavesGap(place, after)) {
            isOver = true;
            leave();
            begin();
            return;
          }
          after = place.cursor ?? after;
          // The client sends the same request again after a lost connection.
          request.extensions = resumeAfter(payload.extensions, after);
          if (!place.opened) sink.next(result as never);
        },
        error: (error) => {
          if (!isOver) sink.error(error);
        },
        // Also said to whoever leaves.
        complete: () => {
          if (!isOver) sink.complete();
        },
      });
    };
    begin();
    return () => leave();
  };
  return { ...client, subscribe, iterate: (payload) => iterate(subscribe, payload) as never };
}

/** What graphql-ws makes of `subscribe` itself: results one by one, and the end of them. */
async function* iterate(subscribe: Client['subscribe'], payload: Parameters<Client['subscribe']>[0]) {
  const results: unknown[] = [];
  let failure: { readonly error: unknown } | undefined;
  let isOver = false;
  let wake = (): void => undefined;
  const unsubscribe = subscribe(payload, {
    next: (result) => {
      results.push(result);
      wake();
    },
    error: (error) => {
      failure = { error };
      wake();
    },
    complete: () => {
      isOver = true;
      wake();
    },
  });
  try {
    while (true) {
      while (results.length > 0) yield results.shift();
      if (failure) throw failure.error;
      if (isOver) return;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  } finally {
    unsubscribe();
  }
}

/**
 * Options that make a client come back when a gateway that is leaving asks it to (close code 1012), and otherwise after a
 * time that doubles with each attempt: all clients of a gateway at once would be too many for the next one.
 */
export function reconnectWhenTold(): Required<Pick<ClientOptions, 'retryWait' | 'retryAttempts' | 'on'>> {
  let hintMs: number | undefined;
  return {
    retryAttempts: Number.MAX_SAFE_INTEGER,
    on: {
      closed: (event) => {
        hintMs = reconnectHint(event as { readonly code: number; readonly reason: string });
      },
    },
    retryWait: async (retries) => {
      const backoffMs = Math.min(30_000, 500 * 2 ** retries) * (0.5 + Math.random());
      const waitMs = hintMs ?? backoffMs;
      hintMs = undefined;
      await new Promise((resolve) => setTimeout(resolve, waitMs));
    },
  };
}

const serviceRestart = 1012;

function reconnectHint({ code, reason }: { readonly code: number; readonly reason: string }) {
  if (code !== serviceRestart) return undefined;
  const waitMs = Number(/"reconnectAfterMs":(\d+)/.exec(reason)?.[1]);
  return Number.isFinite(waitMs) ? waitMs : undefined;
}
