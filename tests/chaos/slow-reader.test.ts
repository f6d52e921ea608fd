import { afterEach, expect, it } from 'vitest';

import { startLiveProgram, type LiveMeasures, type LiveProgram } from '../support/chaos/live-program.ts';
import { percentile, startTimedReader, timeEvents, type TimedReader } from '../support/chaos/slow-reader.ts';
import { startLiveSupergraph } from '../support/chaos/start-live-supergraph.ts';

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).toReversed()) await stop();
});

async function start(env: Readonly<Record<string, string>> = {}): Promise<LiveProgram> {
  const supergraph = await startLiveSupergraph();
  stops.push(() => supergraph.stop());
  const live = await startLiveProgram({ SUPERGRAPH: supergraph.file, ...env });
  stops.push(() => live.stop());
  return live;
}

const text = 'x'.repeat(6000);
const others = 3;
/** Far more than the ten megabytes that the kernel keeps for a socket by itself. */
const wholeFlood = { id: '1', count: 3000, text };
const some = { id: '1', count: 200, text };

interface Outcome {
  /** How long events took to others while somebody did not read, in relation to the time before. */
  readonly ratio: number;
  /** What the process held meanwhile that it did not hold before. */
  readonly keptMb: number;
  /** What the one who did not read has got in the end, and was told that it did not get. */
  readonly accounted: number;
  readonly published: number;
}

async function stopReading(live: LiveProgram, { rounds = 1, flood = wholeFlood } = {}): Promise<Outcome> {
  const readers: TimedReader[] = [];
  for (let index = 0; index < others; index += 1) readers.push(await startTimedReader(live, '1'));
  const stopped = await startTimedReader(live, '1');
  const all = [...readers, stopped];
  // What is used for the first time takes longer, and stays.
  await timeEvents(live, all, { ...some, count: 1000 });
  const before = bytesOf(await live.measure());
  const [without, meanwhile]: [number[], number[]] = [[], []];
  let kept = 0;
  let published = 1000;
  for (let round = 0; round < rounds; round += 1) {
    without.push(...(await timeEvents(live, all, some)));
    stopped.pause();
    await timeEvents(live, readers, flood);
    kept = Math.max(kept, bytesOf(await live.measure()) - before);
    meanwhile.push(...(await timeEvents(live, readers, some)));
    stopped.resume();
    // The next result tells it of those before.
    await timeEvents(live, readers, { ...some, count: 20 });
    published += flood.count + 2 * some.count + 20;
    await stopped.arrived(readers[0]?.lastAt ?? '');
  }
  const { received, dropped } = stopped.counts;
  const outcome = {
    ratio: percentile(meanwhile, 0.5) / percentile(without, 0.5),
    keptMb: kept / 2 ** 20,
    accounted: received + dropped,
    published,
  };
  process.stdout.write(`${JSON.stringify({ ...outcome, received })}\n`);
  return outcome;
}

const bytesOf = ({ heapBytes, bufferBytes }: LiveMeasures): number => heapBytes + bufferBytes;

const timeout = 120_000;
// A busy machine has its moods; whoever waits for a client waits ten times as long.
const mostRatio = 3;
// A quarter of one waits for the client, and some for the socket.
const mostKeptMb = 4;

it(
  'who stops reading holds up nobody, keeps little and is told what it lost',
  async () => {
    const { ratio, keptMb, accounted, published } = await stopReading(await start(), { rounds: 2 });
    expect(keptMb).toBeLessThan(mostKeptMb);
    expect(ratio).toBeLessThan(mostRatio);
    expect(accounted).toBe(published);
  },
  timeout,
);

it(
  'the test notices a queue without a bound',
  async () => {
    const { keptMb } = await stopReading(await start({ QUEUE_BYTES: String(2 ** 30) }));
    expect(keptMb).toBeGreaterThan(mostKeptMb);
  },
  timeout,
);

it(
  'the test notices when all wait for the slowest',
  async () => {
    const live = await start({ SABOTAGE: 'all wait for the slowest' });
    // Each piece of it takes an eighth of a second then.
    const { ratio } = await stopReading(live, { flood: { ...wholeFlood, count: 1500 } });
    expect(ratio).toBeGreaterThan(mostRatio);
  },
  timeout,
);
