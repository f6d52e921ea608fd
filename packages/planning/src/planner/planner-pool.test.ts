import { setImmediate } from 'node:timers/promises';

import type { QueryPlan } from '@apollo/query-planner';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import type { PlanRequest } from './planner.ts';
import { PlannerPool, type PlanningThread, type PoolOptions } from './planner-pool.ts';

/** A thread that does what a test tells it to. */
class FakeThread implements PlanningThread {
  readonly starting = Promise.withResolvers<void>();
  readonly ending = Promise.withResolvers<Error | undefined>();
  readonly ready = this.starting.promise;
  readonly ended = this.ending.promise;
  request: PlanRequest | undefined;
  cpuMs = 250;
  isYielding = false;
  answer = Promise.withResolvers<QueryPlan>();

  plan(request: PlanRequest): Promise<QueryPlan> {
    this.request = request;
    this.answer = Promise.withResolvers();
    return this.answer.promise;
  }

  busyMs(): Promise<number> {
    return Promise.resolve(this.cpuMs);
  }

  yieldToOthers(): void {
    this.isYielding = true;
  }

  async finish(): Promise<void> {
    this.request = undefined;
    this.answer.resolve({ kind: 'QueryPlan' });
    await settle();
  }

  stop(): Promise<void> {
    this.answer.reject(new Error('stopped'));
    this.ending.resolve(undefined);
    return Promise.resolve();
  }
}

/** Lets all promises settle that only wait for one another. */
const settle = () => setImmediate();

async function pass(ms: number): Promise<void> {
  vi.advanceTimersByTime(ms);
  await settle();
}

const request = (document: string): PlanRequest => ({ document, overrideLabels: [] });

async function startPool(options: Partial<PoolOptions> = {}) {
  const threads: FakeThread[] = [];
  const lost: Error[] = [];
  const start = () => {
    const thread = new FakeThread();
    thread.answer.promise.catch(() => undefined);
    threads.push(thread);
    return thread;
  };
  const pool = new PlannerPool(start, {
    workers: 2,
    othersAfterMs: 0,
    deadlineMs: 10_000,
    maxWaitMs: 5_000,
    maxQueued: 10,
    hardAfterMs: 250,
    maxHard: 1,
    largeDocumentLength: 100,
    spareIdleMs: 60_000,
    onThreadLost: (error) => lost.push(error),
    ...options,
  });
  for (const thread of threads) thread.starting.resolve();
  await pool.ready();
  await settle();
  const busyWith = () => threads.map((thread) => thread.request?.document);
  return { pool, threads, lost, busyWith };
}

beforeEach(
  () => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] }),
);
afterEach(() => void vi.useRealTimers());

describe('PlannerPool', () => {
  it('gives each request to an idle thread, and lets the next one wait', async () => {
    const { pool, threads, busyWith } = await startPool();
    const plans = ['a', 'b', 'c'].map((document) => pool.plan(request(document)));
    expect(busyWith()).toEqual(['a', 'b']);
    await threads[1]?.finish();
    expect(busyWith()).toEqual(['a', 'c']);
    await threads[0]?.finish();
    await threads[1]?.finish();
    expect(await Promise.all(plans)).toHaveLength(3);
  });

  it('starts with one thread, and the others when they are wanted or a while has passed', async () => {
    const patient = await startPool({ othersAfterMs: 2_000 });
    expect(patient.threads).toHaveLength(1);
    await pass(2_000);
    expect(patient.threads).toHaveLength(2);

    const asked = await startPool({ othersAfterMs: 2_000 });
    void asked.pool.plan(request('a'));
    expect(asked.threads).toHaveLength(1);
    void asked.pool.plan(request('b'));
    expect(asked.threads).toHaveLength(2);
  });

  it('starts a thread beside one that has been busy for long, and goes on with both', async () => {
    const { pool, threads, busyWith } = await startPool();
    const hard = pool.plan(request('hard'));
    await pass(249);
    expect(threads).toHaveLength(2);
    await pass(1);
    expect(threads).toHaveLength(3);
    threads[2]?.starting.resolve();
    await settle();
    void pool.plan(request('b'));
    void pool.plan(request('c'));
    expect(busyWith()).toEqual(['hard', 'b', 'c']);
    await threads[0]?.finish();
    expect(await hard).toEqual({ kind: 'QueryPlan' });
  });

  it('does not call an operation hard that only had to wait for the processor', async () => {
    const { pool, threads } = await startPool();
    for (const thread of threads) thread.cpuMs = 249;
    void pool.plan(request('a'));
    await pass(5_000);
    expect(threads).toHaveLength(2);
    for (const thread of threads) thread.cpuMs = 250;
    await pass(250);
    expect(threads).toHaveLength(3);
  });

  it('lets other threads go before one that has been busy for very long, and gives it nothing else to do', async () => {
    const { pool, threads, busyWith } = await startPool();
    const hard = pool.plan(request('hard'));
    await pass(250);
    expect(threads[0]?.isYielding).toBe(false);
    if (threads[0]) threads[0].cpuMs = 1_250;
    await pass(250);
    expect(threads[0]?.isYielding).toBe(true);
    await threads[0]?.finish();
    expect(await hard).toEqual({ kind: 'QueryPlan' });
    void pool.plan(request('a'));
    expect(busyWith()).toEqual([undefined, 'a', undefined]);
    expect(await threads[0]?.ended).toBeUndefined();
  });

  it('stops a hard operation when there is no room for one more, and plans it in its turn', async () => {
    const { pool, threads, busyWith } = await startPool();
    void pool.plan(request('first'));
    const second = pool.plan(request('second'));
    await pass(250);
    // The first has a thread of its own now; the second was stopped, and two threads come for what is small.
    expect(threads).toHaveLength(4);
    threads[2]?.starting.resolve();
    threads[3]?.starting.resolve();
    await settle();
    expect(busyWith().slice(2)).toEqual([undefined, undefined]);
    await threads[0]?.finish();
    expect(busyWith()[0]).toBe('second');
    await threads[0]?.finish();
    expect(await second).toEqual({ kind: 'QueryPlan' });
  });

  it('gives what was hard before never the last thread', async () => {
    const { pool, threads, busyWith } = await startPool({ maxHard: 2 });
    void pool.plan(request('hard'));
    await pass(250);
    await threads[0]?.finish();
    threads[2]?.starting.resolve();
    await settle();
    for (let count = 0; count < 3; count += 1) void pool.plan(request('hard'));
    // The third thread is the last one that is ready; the fourth one starts.
    expect(busyWith()).toEqual(['hard', 'hard', undefined, undefined]);
  });

  it('gives large documents never the last thread either', async () => {
    const { pool, busyWith } = await startPool();
    const large = 'x'.repeat(100);
    void pool.plan(request(large));
    void pool.plan(request(large));
    expect(busyWith()).toEqual([large, undefined]);
    void pool.plan(request('small'));
    expect(busyWith()).toEqual([large, 'small']);
  });

  it('gives up at the deadline, and the thread with it', async () => {
    const { pool, threads } = await startPool();
    const hard = pool.plan(request('hard'));
    vi.advanceTimersByTime(10_000);
    await expect(hard).rejects.toMatchObject({
      name: 'PlanningError',
      reason: 'too-slow',
      message: 'Planning the operation took longer than 10000 ms',
    });
    expect(await threads[0]?.ended).toBeUndefined();
    expect(threads).toHaveLength(3);
  });

  it('lets nobody wait longer than allowed, nor more than allowed', async () => {
    const { pool } = await startPool({ maxQueued: 1 });
    for (const document of ['a', 'b']) void pool.plan(request(document)).catch(() => undefined);
    const waiting = pool.plan(request('c'));
    await expect(pool.plan(request('d'))).rejects.toMatchObject({
      reason: 'busy',
      message: 'Expected at most 1 operations to wait for planning, but one more came',
    });
    vi.advanceTimersByTime(5_000);
    await expect(waiting).rejects.toMatchObject({
      reason: 'busy',
      message: 'The operation waited 5000 ms for planning to begin',
    });
  });

  it('lets clients take turns, however many requests each of them has', async () => {
    const { pool, threads, busyWith } = await startPool();
    const many = { clients: ['many'] };
    for (const document of ['a', 'b', 'c', 'd', 'e']) void pool.plan(request(document), many);
    for (const document of ['x', 'y']) void pool.plan(request(document), { clients: ['few'] });
    const order: (string | undefined)[] = [];
    for (let count = 0; count < 5; count += 1) {
      await threads[0]?.finish();
      order.push(busyWith()[0]);
    }
    expect(order).toEqual(['x', 'c', 'y', 'd', 'e']);
  });

  it('plans in the turn of whoever waits for it, also of who came to do so later', async () => {
    const { pool, threads, busyWith } = await startPool();
    const waiting = new Set(['many']);
    for (const document of ['a', 'b', 'c']) void pool.plan(request(document), { clients: ['many'] });
    void pool.plan(request('wanted'), { clients: waiting });
    waiting.add('few');
    await threads[0]?.finish();
    expect(busyWith()).toEqual(['wanted', 'b']);
  });

  it('refuses the last request of who has most of them when one too many waits', async () => {
    const { pool, threads, busyWith } = await startPool({ maxQueued: 2 });
    const many = { clients: ['many'] };
    for (const document of ['a', 'b', 'c']) void pool.plan(request(document), many);
    const last = pool.plan(request('d'), many);
    void pool.plan(request('x'), { clients: ['few'] });
    await expect(last).rejects.toMatchObject({ reason: 'busy' });
    await threads[0]?.finish();
    await threads[1]?.finish();
    expect(busyWith()).toEqual(['x', 'c']);
  });

  it('keeps a thread free of a client whose operations are hard', async () => {
    const { pool, threads, busyWith } = await startPool({ workers: 3 });
    const hard = { clients: ['hard'] };
    void pool.plan(request('hard 1'), hard);
    await pass(250);
    threads[3]?.starting.resolve();
    await settle();
    for (const index of [2, 3, 4]) void pool.plan(request(`hard ${index}`), hard);
    expect(busyWith()).toEqual(['hard 1', 'hard 2', 'hard 3', undefined]);
    void pool.plan(request('small'), { clients: ['other'] });
    expect(busyWith()).toEqual(['hard 1', 'hard 2', 'hard 3', 'small']);
  });

  it('drops what waits when its caller leaves, and finishes what has begun', async () => {
    const { pool, threads, busyWith } = await startPool();
    const leaving = new AbortController();
    const begun = pool.plan(request('a'), { signal: leaving.signal });
    void pool.plan(request('b'));
    const waiting = pool.plan(request('c'), { signal: leaving.signal });
    leaving.abort(new Error('gone'));
    await expect(waiting).rejects.toThrow('gone');
    await expect(pool.plan(request('d'), { signal: leaving.signal })).rejects.toThrow('gone');
    await threads[0]?.finish();
    expect(await begun).toEqual({ kind: 'QueryPlan' });
    expect(busyWith()).toEqual([undefined, 'b']);
  });

  it('replaces a thread that dies, and says so', async () => {
    const { pool, threads, lost, busyWith } = await startPool();
    const plan = pool.plan(request('a'));
    threads[0]?.answer.reject(new Error('out of memory'));
    threads[0]?.ending.resolve(new Error('out of memory'));
    await expect(plan).rejects.toThrow('out of memory');
    await settle();
    expect(lost.map(({ message }) => message)).toEqual(['out of memory']);
    expect(threads).toHaveLength(3);
    threads[2]?.starting.resolve();
    await settle();
    void pool.plan(request('b'));
    void pool.plan(request('c'));
    expect(busyWith().slice(1)).toEqual(['b', 'c']);
  });

  it('tries again after a second when a thread cannot start', async () => {
    const { pool, threads, lost } = await startPool();
    void pool.plan(request('hard'));
    await pass(250);
    threads[2]?.starting.reject(new Error('no memory'));
    threads[2]?.ending.resolve(new Error('no memory'));
    await settle();
    expect(lost).toHaveLength(1);
    expect(threads).toHaveLength(3);
    vi.advanceTimersByTime(1_000);
    expect(threads).toHaveLength(4);
  });

  it('lets a thread go that a hard operation left behind', async () => {
    const { pool, threads } = await startPool();
    void pool.plan(request('hard'));
    await pass(250);
    threads[2]?.starting.resolve();
    await settle();
    await threads[0]?.finish();
    vi.advanceTimersByTime(60_000);
    expect(await threads[0]?.ended).toBeUndefined();
    expect(threads).toHaveLength(3);
  });

  it('fails everything when it is stopped', async () => {
    const { pool, threads } = await startPool();
    const plans = ['a', 'b', 'c'].map((document) => pool.plan(request(document)));
    const settled = Promise.all(plans.map((plan) => expect(plan).rejects.toThrow('The planner was stopped')));
    await pool.stop();
    await settled;
    await expect(pool.plan(request('d'))).rejects.toThrow('The planner was stopped');
    expect(threads).toHaveLength(2);
  });
});
