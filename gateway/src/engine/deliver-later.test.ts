import { describe, expect, it } from 'vitest';

import type { LaterPart } from './answer/compile-answer.ts';
import { deliverLater } from './deliver-later.ts';
import type { SubgraphFetcher } from './engine.ts';
import { Execution } from './program/execution.ts';

const client: SubgraphFetcher = { fetch: () => Promise.reject(new Error('Nothing is fetched here')) };

function startExecution() {
  const fetchContext = {
    requestId: 'r',
    identityProjection: '',
    signal: new AbortController().signal,
    traceparent: undefined,
  };
  const execution = new Execution({ client, fetchContext, variables: {}, conditions: {} });
  /** Lets a part be fetched when the test says so. */
  const hold = (id: string) => {
    const { promise, resolve, reject } = Promise.withResolvers<Execution>();
    execution.deferrals.start(id, [], { allEnded: Promise.resolve(), run: () => promise });
    return { release: () => resolve(execution.fork(Promise.resolve())), reject };
  };
  return { execution, hold };
}

const partOf = (id: string, later: readonly LaterPart[] = []): LaterPart => ({
  id,
  label: id,
  path: [],
  write: () => ({ data: `"${id}"`, errors: [], later }),
});

const labelsOf = (result: IteratorResult<readonly { part: { label: string | undefined } }[], unknown>) =>
  result.done ? undefined : result.value.map(({ part }) => part.label);

describe('the delivery of deferred parts', () => {
  it('gives each part when it is ready, those of one moment together', async () => {
    const { execution, hold } = startExecution();
    const [a, b, c] = [hold('a'), hold('b'), hold('c')];
    const parts = deliverLater([partOf('a'), partOf('b'), partOf('c')], execution);
    b.release();
    expect(labelsOf(await parts.next())).toEqual(['b']);
    c.release();
    expect(labelsOf(await parts.next())).toEqual(['c']);
    a.release();
    expect(labelsOf(await parts.next())).toEqual(['a']);
    expect((await parts.next()).done).toBe(true);
  });

  it('gives a part within a part after it', async () => {
    const { execution } = startExecution();
    const parts = deliverLater([partOf('outer', [partOf('inner')])], execution);
    const first = await parts.next();
    expect(first.value?.[0].deferred).toEqual([expect.objectContaining({ label: 'inner' })]);
    expect(labelsOf(first)).toEqual(['outer']);
    expect(labelsOf(await parts.next())).toEqual(['inner']);
    expect((await parts.next()).done).toBe(true);
  });

  it('throws what a part throws', async () => {
    const { execution, hold } = startExecution();
    const a = hold('a');
    const parts = deliverLater([partOf('a')], execution);
    a.reject(new Error('boom'));
    await expect(parts.next()).rejects.toThrow('boom');
  });

  it('lets others in between when there are many', async () => {
    const { execution } = startExecution();
    const parts = deliverLater(
      Array.from({ length: 250 }, () => partOf('a')),
      execution,
    );
    const sizes: (number | undefined)[] = [];
    let turns = 0;
    const turn = () => {
      turns += 1;
      if (sizes.length < 3) setImmediate(turn);
    };
    setImmediate(turn);
    for await (const { length } of parts) sizes.push(length);
    expect(sizes).toEqual([100, 100, 50]);
    expect(turns).toBeGreaterThan(1);
  });

  it('ends when there are too many within each other', async () => {
    const { execution } = startExecution();
    const many = (of: LaterPart) => Array.from({ length: 150 }, () => of);
    const parts = deliverLater(many(partOf('a', many(partOf('b')))), execution);
    await expect(Array.fromAsync(parts)).rejects.toMatchObject({
      code: 'OPERATION_TOO_COMPLEX',
      message: 'Expected an operation with at most 10000 deferred parts, but got more',
    });
  });
});
