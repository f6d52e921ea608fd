import { setTimeout as delay } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';

import { freePort } from '../support/free-port.ts';
import type { RunScope } from '../support/run-scope.ts';
import { startProcess, type StartedProcess } from '../support/start-process.ts';
import type { Peer, PeerSetup } from './peers.ts';

/** A gateway that answers. */
export interface RunningPeer extends StartedProcess {
  readonly peer: Peer;
  readonly url: string;
}

/** A request, and what every gateway must answer to it. */
export interface Expectation {
  readonly text: string;
  readonly token: string | undefined;
  readonly data: unknown;
}

const startTimeoutMs = 60_000;
const pollMs = 50;

/** Starts a gateway and waits until it answers. @throws {Error} with the end of its log, when it does not start */
export async function startPeer(
  scope: RunScope,
  peer: Peer,
  setup: Omit<PeerSetup, 'port'>,
  core: number | undefined,
): Promise<RunningPeer> {
  const port = await freePort();
  const started = startProcess(scope, { name: peer.name, core, ...peer.command({ ...setup, port }) });
  const url = `http://127.0.0.1:${port}/graphql`;
  try {
    await Promise.race([started.ended, waitUntilItListens(url, scope.signal)]);
  } catch (error: unknown) {
    await started.stop();
    throw new Error(`${peer.name} did not start; its log ends with:\n${started.logTail()}`, { cause: error });
  }
  return { ...started, peer, url };
}

/** Waits for a GraphQL server that tells nobody when it is ready. */
export async function waitUntilItListens(url: string, signal: AbortSignal): Promise<void> {
  const startedAt = performance.now();
  for (;;) {
    const answer = await post(url, { query: '{ __typename }' }, undefined, signal).then(
      async (response) => `${response.status} ${await response.text()}`,
      (error: unknown) => String(error),
    );
    if (answer.startsWith('200')) return;
    signal.throwIfAborted();
    if (performance.now() - startedAt > startTimeoutMs) {
      throw new Error(`Expected an answer within ${startTimeoutMs} ms, but got ${answer}`);
    }
    await delay(pollMs, undefined, { signal });
  }
}

/**
 * Asks a gateway and compares: a benchmark of wrong answers is worth nothing.
 *
 * @throws {Error} that shows the difference
 */
export async function verifyPeer(
  { peer, url }: RunningPeer,
  { text, token, data }: Expectation,
  signal: AbortSignal,
): Promise<void> {
  const response = await post(url, { query: text }, token, signal);
  const answer = (await response.json()) as { readonly data?: unknown; readonly errors?: unknown };
  if (answer.errors === undefined && isDeepStrictEqual(answer.data, data)) return;
  throw new Error(
    `Expected ${peer.name} to answer ${excerpt({ data })}, but got ${response.status} ${excerpt(answer)}`,
  );
}

const post = (url: string, body: object, token: string | undefined, signal: AbortSignal): Promise<Response> =>
  fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json',
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify(body),
    signal,
  });

const excerpt = (value: unknown): string => JSON.stringify(value).slice(0, 500);
