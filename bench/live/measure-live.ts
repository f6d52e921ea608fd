import { setTimeout as delay } from 'node:timers/promises';

import { Histogram } from '../subscriptions/histogram.ts';
import { say, type RunScope } from '../support/run-scope.ts';
import { mutation, readBody } from './live-post.ts';
import type { LogName, Row, TransportName } from './row.ts';
import { startReplicas, type Replicas } from './start-replicas.ts';
import { subscribe } from './subscribe.ts';

export interface LiveOptions {
  /** Events that are published before any is counted. */
  readonly warmUp: number;
  readonly events: number;
  readonly logs: readonly LogName[];
  readonly transports: readonly TransportName[];
}

/** Nobody waits for an event any longer. */
const lostAfterMs = 5000;
/** Between two mutations, so that an event is not late for the sake of the last one. */
const restMs = 10;

/** Publishes one event after the other, for one subscriber at a time. */
export async function measureLive(scope: RunScope, options: LiveOptions): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const log of options.logs) {
    const replicas = await startReplicas(scope, log);
    if (!replicas) {
      say(`There is no server for ${log}: left out`);
      continue;
    }
    for (const transport of options.transports) {
      const row = { log, transport, ...(await measureTransport(scope, replicas, transport, options)) };
      say(`${log}, ${transport}: p50 ${row.p50Ms} ms, p99 ${row.p99Ms} ms, ${row.lost} lost`);
      rows.push(row);
    }
    await replicas.stop();
  }
  return rows;
}

async function measureTransport(
  scope: RunScope,
  { subscribers, writers, token }: Replicas,
  transport: TransportName,
  { warmUp, events }: LiveOptions,
): Promise<Pick<Row, 'events' | 'p50Ms' | 'p99Ms' | 'lost'>> {
  const waiting = new Map<string, (readAt: number) => void>();
  const failed = Promise.withResolvers<never>();
  failed.promise.catch(() => {});
  const subscriber = subscribe(subscribers, transport, {
    next: (shown) => {
      const readAt = performance.now();
      try {
        waiting.get(readBody(shown))?.(readAt);
      } catch (error: unknown) {
        failed.reject(error);
      }
    },
    fail: (error) => failed.reject(error),
  });
  try {
    await Promise.race([subscriber.ready, failed.promise]);
    const took = new Histogram();
    let lost = 0;
    for (let event = 0; event < warmUp + events; event += 1) {
      scope.signal.throwIfAborted();
      if (event === warmUp) took.clear();
      const body = `${transport} ${event}`;
      const shown = new Promise<number>((resolve) => waiting.set(body, resolve));
      const sentAt = performance.now();
      const written = write(writers, token, body);
      const readAt = await Promise.race([shown, failed.promise, giveUp(written)]);
      await written;
      waiting.delete(body);
      if (readAt !== undefined) took.add(readAt - sentAt);
      else if (event >= warmUp) lost += 1;
      await delay(restMs);
    }
    return { events, p50Ms: took.percentile(0.5), p99Ms: took.percentile(0.99), lost };
  } finally {
    await subscriber.stop();
  }
}

/** Nothing, some time after it was written. */
async function giveUp(written: Promise<void>): Promise<undefined> {
  await written;
  await delay(lostAfterMs, undefined, { ref: false });
}

/** @throws {Error} when the comment was not added */
async function write(url: string, token: string, body: string): Promise<void> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ query: mutation, variables: { body } }),
  });
  const answer = await response.text();
  if (answer !== '{"data":{"addComment":{"__typename":"Comment"}}}') {
    throw new Error(`Expected a comment to be added, but got ${answer}`);
  }
}
