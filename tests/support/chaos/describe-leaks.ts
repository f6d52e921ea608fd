import { hasRedisServer, startTestRedis } from '@tributary/testkit';
import { createClient } from 'redis';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { comeAndGo, findLeaks } from './crowd.ts';
import { startLiveProgram, type LiveMeasures } from './live-program.ts';
import { startLiveSupergraph } from './start-live-supergraph.ts';

export interface LeaksOptions {
  /** Each with five subscriptions. */
  readonly sockets: number;
  readonly rounds: number;
  /** Whether mistakes are made, too. @default false */
  readonly withSaboteurs?: boolean;
}

/** What is left of subscribers who have left. */
export function describeLeaks({ sockets, rounds, withSaboteurs = false }: LeaksOptions): void {
  let stack: AsyncDisposableStack;
  beforeEach(() => {
    stack = new AsyncDisposableStack();
  });
  afterEach(() => stack.disposeAsync());

  /** Lets crowds come and go, and says what they have left behind. */
  async function livePast(sabotage: string, logUrl?: string): Promise<readonly string[]> {
    const supergraph = await startLiveSupergraph();
    stack.defer(() => supergraph.stop());
    const live = await startLiveProgram({
      SUPERGRAPH: supergraph.file,
      SABOTAGE: sabotage,
      ...(logUrl && { LOG_URL: logUrl }),
    });
    stack.defer(() => live.stop());
    const crowd = { live, supergraph, sockets };
    // What is compiled and cached when it is first used stays.
    const before = await comeAndGo(crowd);
    const channels = await askChannels(logUrl);
    const measured: LiveMeasures[] = [];
    for (let round = 0; round < rounds; round += 1) measured.push(await comeAndGo(crowd));
    const heaps = measured.map(({ heapBytes }) => (heapBytes / 2 ** 20).toFixed(2)).join(' ');
    process.stdout.write(`${sabotage || 'no mistake'}: heap after each round, MB: ${heaps}\n`);
    // As many as there are partitions, whoever listens.
    expect(await askChannels(logUrl)).toEqual(channels);
    return findLeaks(before, measured, sockets);
  }

  describe(`${sockets} sockets with five subscriptions each, half of them cut, ${rounds} times`, () => {
    const timeout = 240_000;

    it('leave nothing behind', async () => expect(await livePast('')).toEqual([]), timeout);

    it.skipIf(!hasRedisServer())(
      'leave nothing behind in Redis',
      async () => {
        const redis = await startTestRedis();
        stack.defer(() => redis.stop());
        expect(await livePast('', redis.url)).toEqual([]);
      },
      timeout,
    );

    it.runIf(withSaboteurs)(
      'would be noticed if something were still followed for one of them',
      async () => {
        const problems = await livePast('one unfollow of a hundred is forgotten');
        expect(problems).toContainEqual(expect.stringMatching(/patterns instead of/));
      },
      timeout,
    );

    it.runIf(withSaboteurs)(
      'would be noticed in the heap if somebody remembered them',
      async () => {
        const problems = await livePast('subscribers are remembered');
        expect(problems).toContainEqual(expect.stringMatching(/the heap rises/));
      },
      timeout,
    );
  });
}

/** What a Redis is subscribed to, by anybody. */
async function askChannels(url: string | undefined): Promise<unknown> {
  if (url === undefined) return [];
  const client = await createClient({ url }).connect();
  try {
    const ask = (what: string) => client.sendCommand(['PUBSUB', what]);
    return await Promise.all([ask('CHANNELS'), ask('NUMPAT'), ask('SHARDCHANNELS')]);
  } finally {
    client.destroy();
  }
}
