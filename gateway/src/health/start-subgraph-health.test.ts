import { createLogger } from '@tributary/telemetry';
import { afterEach, describe, expect, it, vi } from 'vitest';

import { startSubgraphHealth } from './start-subgraph-health.ts';

afterEach(() => {
  vi.useRealTimers();
});

const start = (probe: (url: string) => Promise<number>, { isHeldOff = false } = {}) => {
  vi.useFakeTimers({ toFake: ['setInterval', 'setTimeout', 'clearTimeout', 'performance'] });
  const log: { msg: string; reason?: string }[] = [];
  const urls: string[] = [];
  const subgraphs = [{ name: 'users', url: 'http://users.test/graphql' }];
  const health = startSubgraphHealth({
    subgraphs: () => subgraphs,
    client: { probe: (url) => (urls.push(url), probe(url)), isHeldOff: () => isHeldOff },
    logger: createLogger({
      name: 'test',
      destination: { write: (line) => void log.push(JSON.parse(line) as { msg: string }) },
    }),
    intervalMs: 30_000,
  });
  return { health, urls, subgraphs, messages: () => log.map(({ msg }) => msg) };
};

describe('startSubgraphHealth', () => {
  it('asks at once and every interval, and logs changes only', async () => {
    let status = 200;
    const { health, urls, messages } = start(async () => status);
    await health.states();
    await vi.advanceTimersByTimeAsync(30_000);
    status = 503;
    await vi.advanceTimersByTimeAsync(30_000);
    await vi.advanceTimersByTimeAsync(30_000);
    expect(urls).toEqual(Array.from({ length: 4 }, () => 'http://users.test/health/ready'));
    expect(messages()).toEqual(['subgraph "users" is up', 'subgraph "users" is down']);
    await health.stop();
  });

  it('answers from memory for a second, then asks again', async () => {
    const { health, urls } = start(async () => 200);
    await Promise.all([health.states(), health.states()]);
    expect(urls).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1001);
    await health.states();
    expect(urls).toHaveLength(2);
    await health.stop();
  });

  it('takes a subgraph without such a page for up, and one without an answer for down', async () => {
    const foreign = start(async () => 404);
    expect((await foreign.health.states())['users']).toMatchObject({ status: 'up' });
    await foreign.health.stop();
    const gone = start(async () => {
      throw new Error('connect ECONNREFUSED');
    });
    expect((await gone.health.states())['users']).toEqual({
      status: 'down',
      since: expect.stringMatching(/Z$/),
    });
    await gone.health.stop();
  });

  it('says of a subgraph that it is held off, whatever it says of itself', async () => {
    const { health } = start(async () => 200, { isHeldOff: true });
    expect((await health.states())['users']).toMatchObject({ status: 'up', breaker: 'open' });
    await health.stop();
  });

  it('does not wait for a subgraph that hangs', async () => {
    const hanging = Promise.withResolvers<number>();
    const { health } = start(() => hanging.promise);
    const states = health.states();
    await vi.advanceTimersByTimeAsync(500);
    expect(await states).toEqual({ users: { status: 'unknown' } });
    hanging.resolve(200);
    await health.stop();
    expect((await health.states())['users']).toMatchObject({ status: 'up' });
  });

  it('forgets a subgraph that has left the supergraph', async () => {
    const { health, subgraphs } = start(async () => 200);
    await health.states();
    subgraphs.splice(0, 1, { name: 'posts', url: 'http://posts.test/graphql' });
    await vi.advanceTimersByTimeAsync(1001);
    expect(Object.keys(await health.states())).toEqual(['posts']);
    await health.stop();
  });
});
