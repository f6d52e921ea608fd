import { randomUUID } from 'node:crypto';

import {
  createMemoryEventLog,
  CursorTooOld,
  type EventLog,
  type LoggedEvent,
  type ReadRange,
} from '@tributary/event-log';
import { expect, it } from 'vitest';

import { PastPages, pastPageSize } from './past-pages.ts';

const partition = 'posts.0';
const entries = (first: number, last: number): LoggedEvent[] =>
  Array.from({ length: last - first + 1 }, (_, index) => ({
    position: { partition, seq: first + index },
    event: {
      id: randomUUID(),
      channel: 'post.1.updated',
      type: 'PostUpdated',
      occurredAt: '2026-01-01T00:00:00Z',
      source: 'posts',
      entity: { __typename: 'Post', id: '1' },
    },
  }));

/** Pages of a log that counts what is read of it, and may be kept from answering. */
async function start(count: number, maxEvents = 10_000) {
  const log = createMemoryEventLog({ retention: { maxEvents } });
  await log.appendAll(entries(1, count));
  const reads: string[] = [];
  const state = { underWay: 0, most: 0, gate: Promise.resolve() };
  const read: EventLog['read'] = async function* (range: ReadRange) {
    reads.push(`${range.after.get(partition)}-${range.until.get(partition)}`);
    state.underWay += 1;
    state.most = Math.max(state.most, state.underWay);
    await state.gate;
    try {
      yield* log.read(range);
    } finally {
      state.underWay -= 1;
    }
  };
  const pages = new PastPages({ log: { read }, signal: new AbortController().signal });
  const ask = async (
    after: number,
    until: number,
    who: object = {},
    signal = new AbortController().signal,
  ) => {
    const part = await pages.after({ partition, after, until }, { who, signal });
    const seqs = part.events.map(({ position }) => position.seq);
    return { first: seqs[0], last: seqs.at(-1), count: seqs.length, until: part.until };
  };
  return { log, reads, state, ask };
}

it('reads a page once for all who ask for something of it', async () => {
  const { reads, ask } = await start(600);
  const answers = await Promise.all([...Array(50).keys()].map((after) => ask(after, 600)));
  expect(answers[7]).toEqual({ first: 8, last: pastPageSize, count: pastPageSize - 7, until: pastPageSize });
  expect(await ask(pastPageSize, 600)).toMatchObject({ first: pastPageSize + 1, last: 2 * pastPageSize });
  expect(reads).toEqual([`0-${pastPageSize}`, `${pastPageSize}-${2 * pastPageSize}`]);
});

it('reads of the newest page only what has come since', async () => {
  const { log, reads, ask } = await start(10);
  expect(await ask(3, 10)).toEqual({ first: 4, last: 10, count: 7, until: 10 });
  await log.appendAll(entries(11, 12));
  expect(await ask(3, 12)).toEqual({ first: 4, last: 12, count: 9, until: 12 });
  expect(await ask(5, 8)).toEqual({ first: 6, last: 8, count: 3, until: 8 });
  expect(reads).toEqual(['0-10', '10-12']);
});

it('begins where the log does, and tells who is behind that', async () => {
  const { ask } = await start(100, 60);
  expect(await ask(40, 100)).toMatchObject({ first: 41, last: 100 });
  await expect(ask(39, 100)).rejects.toThrow(new CursorTooOld(partition, 39, 41));
  const gone = await start(2 * pastPageSize, 10);
  await expect(gone.ask(1, 2 * pastPageSize)).rejects.toThrow(CursorTooOld);
});

it('reads a few pages at a time, and for one connection one', async () => {
  const { state, ask } = await start(20 * pastPageSize);
  const starts = [...Array(20).keys()].map((page) => page * pastPageSize);
  const until = 20 * pastPageSize;
  const one = {};
  await Promise.all(starts.slice(0, 10).map((after) => ask(after, until, one)));
  expect(state.most).toBe(1);
  const { promise, resolve } = Promise.withResolvers<void>();
  state.gate = promise;
  const asked = Promise.all(starts.slice(10).map((after) => ask(after, until)));
  await expect.poll(() => state.underWay).toBe(4);
  resolve();
  await asked;
  expect(state.most).toBe(4);
});

it('lets whoever asked first leave, without taking it from the others', async () => {
  const { state, reads, ask } = await start(10);
  const { promise, resolve } = Promise.withResolvers<void>();
  state.gate = promise;
  const leaving = new AbortController();
  const first = ask(0, 10, {}, leaving.signal);
  const second = ask(5, 10);
  leaving.abort(new Error('left'));
  await expect(first).rejects.toThrow('left');
  resolve();
  expect(await second).toMatchObject({ first: 6, last: 10 });
  expect(reads.length).toBeLessThanOrEqual(2);
});
