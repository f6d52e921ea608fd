import { expect } from 'vitest';

import { openReadySocket, type TestSocket } from '../open-socket.ts';
import type { LiveMeasures, LiveProgram } from './live-program.ts';
import type { LiveSupergraph } from './start-live-supergraph.ts';

/** What each socket of a crowd is subscribed to: shared and alone, answered by the event and by subgraphs, passed through. */
const subscriptionsOf = (socket: number): readonly string[] => [
  'subscription { thingCounted(id: "1") { id at } }',
  'subscription { thingCounted(id: "1") { id owner { id name } } }',
  'subscription { anyThingCounted { id } }',
  `subscription { thingCounted(id: "only-${socket}") { id } }`,
  'subscription { ticked(clock: "c1") { clock by { id name } } }',
];

const kinds = 5;

export interface CrowdOptions {
  readonly live: LiveProgram;
  readonly supergraph: LiveSupergraph;
  readonly sockets: number;
}

const soon = { timeout: 60_000, interval: 20 };

/** Comes, listens, and leaves, half of it without a word. Says what is left when nobody is there any more. */
export async function comeAndGo({ live, supergraph, sockets }: CrowdOptions): Promise<LiveMeasures> {
  const crowd = await Promise.all(Array.from({ length: sockets }, (_none, index) => join(live.url, index)));
  await expect.poll(async () => (await live.count()).subscribers, soon).toBe(sockets * kinds);
  await expect.poll(() => supergraph.clockSubscriptions(), soon).toBe(1);
  await live.publish({ id: '1', count: 1 });
  supergraph.tick('c1', '2');
  // The shared ones of things, the one for everything, and the clock.
  await Promise.all(crowd.map((socket) => expect.poll(() => nextsOf(socket), soon).toBe(4)));
  for (const [index, { socket }] of crowd.entries()) {
    if (index % 2 === 0) socket.terminate();
    else socket.close(1000);
  }
  await expect.poll(async () => (await live.count()).connections, soon).toBe(0);
  await expect.poll(() => supergraph.clockSockets(), soon).toBe(0);
  return live.measure();
}

const nextsOf = ({ received }: TestSocket): number => received.filter(({ type }) => type === 'next').length;

async function join(url: string, index: number): Promise<TestSocket> {
  const socket = await openReadySocket(url);
  for (const [id, query] of subscriptionsOf(index).entries()) {
    socket.send({ id: String(id), type: 'subscribe', payload: { query } });
  }
  return socket;
}

/** What is there more than there was before anybody came, and whether memory grows with each round. */
export function findLeaks(
  before: LiveMeasures,
  rounds: readonly LiveMeasures[],
  sockets: number,
): readonly string[] {
  const problems: string[] = [];
  const after = rounds.at(-1) ?? before;
  for (const name of counted) {
    if (after[name] > before[name]) problems.push(`${after[name]} ${name} instead of ${before[name]}`);
  }
  // Of these some come and go: connections to subgraphs are kept for a while.
  for (const name of ['timers', 'sockets'] as const) {
    const counts = [before, ...rounds].map((each) => each[name]);
    const half = Math.ceil(counts.length / 2);
    const [most, least] = [Math.max(...counts.slice(0, half)), Math.min(...counts.slice(half))];
    if (least > most) problems.push(`never less than ${least} ${name} after never more than ${most}`);
  }
  const rises = rounds.map(({ heapBytes }, index) => heapBytes - (rounds[index - 1] ?? before).heapBytes);
  // At first the runtime still compiles and caches.
  const late = rises.slice(-Math.ceil(rises.length / 2));
  const rise = mean(late);
  // What is kept of each round makes all of them rise alike; chance makes them differ.
  const chance = Math.sqrt(mean(late.map((each) => (each - rise) ** 2)));
  if (rise > 2 * chance && rise > leastRiseBytes * sockets * kinds) {
    problems.push(`the heap rises by ${Math.round(rise / 1024)} KB in each round`);
  }
  return problems;
}

const counted = [
  'subscribers',
  'groups',
  'patterns',
  'connections',
  'upstreams',
  'timers',
  'sockets',
] as const;

/** For each subscription: one that is kept has more to it. */
const leastRiseBytes = 512;

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
