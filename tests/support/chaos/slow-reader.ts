import { expect } from 'vitest';

import { openReadySocket } from '../open-socket.ts';
import type { LiveProgram } from './live-program.ts';

const soon = { timeout: 60_000, interval: 20 };

/** Somebody who has subscribed to the events of a thing, and can stop reading. */
export interface TimedReader {
  /** How long each event took to come here, in milliseconds, since it was asked for the last time. */
  takeLatencies(): readonly number[];
  readonly counts: { readonly received: number; readonly dropped: number };
  /** Resolves when so many have come in all. */
  received(count: number): Promise<void>;
  /** When the last one that came was published. */
  readonly lastAt: string;
  /** Resolves when it has what was published then. */
  arrived(at: string): Promise<void>;
  pause(): void;
  resume(): void;
}

/** Subscribes and waits until it is; nobody else may do so meanwhile. */
export async function startTimedReader(live: LiveProgram, id: string): Promise<TimedReader> {
  const { subscribers } = await live.count();
  const { socket, send } = await openReadySocket(live.url);
  const counts = { received: 0, dropped: 0 };
  let latencies: number[] = [];
  let lastAt = '';
  let wake = (): void => {};
  const until = async (isMet: () => boolean) => {
    while (!isMet()) await new Promise<void>((resolve) => (wake = resolve));
  };
  socket.on('message', (bytes: Buffer) => {
    const { type, payload } = JSON.parse(bytes.toString()) as Message;
    if (type !== 'next' || !payload) return;
    counts.received += 1;
    counts.dropped += payload.extensions.event.dropped ?? 0;
    lastAt = payload.data.thingCounted.at;
    latencies.push(Number(process.hrtime.bigint() - BigInt(lastAt)) / 1e6);
    wake();
  });
  const query = `subscription { thingCounted(id: "${id}") { id at text } }`;
  send({ id: '1', type: 'subscribe', payload: { query } });
  await expect.poll(async () => (await live.count()).subscribers, soon).toBe(subscribers + 1);
  return {
    counts,
    get lastAt() {
      return lastAt;
    },
    received: (count) => until(() => counts.received >= count),
    arrived: (at) => until(() => lastAt === at),
    takeLatencies: () => {
      const taken = latencies;
      latencies = [];
      return taken;
    },
    pause: () => socket.pause(),
    resume: () => socket.resume(),
  };
}

interface Message {
  readonly type: string;
  readonly payload?: {
    readonly data: { readonly thingCounted: { readonly at: string } };
    readonly extensions: { readonly event: { readonly dropped?: number } };
  };
}

// Fewer than what waits for one who reads: nobody else loses anything.
const atOnce = 20;

/** Publishes events about a thing as fast as the readers take them, and says how long they took. */
export async function timeEvents(
  live: LiveProgram,
  readers: readonly TimedReader[],
  { count, ...event }: { readonly id: string; readonly count: number; readonly text: string },
): Promise<readonly number[]> {
  for (const reader of readers) reader.takeLatencies();
  for (let left = count; left > 0; left -= atOnce) {
    const goals = readers.map(({ counts }) => counts.received + atOnce);
    await live.publish({ ...event, count: atOnce });
    await Promise.all(readers.map((reader, index) => reader.received(goals[index] ?? 0)));
  }
  return readers.flatMap((reader) => reader.takeLatencies());
}

export const percentile = (values: readonly number[], share: number): number =>
  values.toSorted((one, other) => one - other)[Math.floor((values.length - 1) * share)] ?? Number.NaN;
