import { expect, it } from 'vitest';

import { Turns } from './turns.ts';

const settle = async () => {
  for (let round = 0; round < 20; round += 1) await new Promise((resolve) => void setImmediate(resolve));
};

/** Who gets a turn, in order. */
function start(maxRunning: number) {
  const turns = new Turns(maxRunning);
  const began: string[] = [];
  const ends: (() => void)[] = [];
  const ask = (who: object, name: string, signal?: AbortSignal) =>
    turns.take(who, signal).then((end) => {
      began.push(name);
      ends.push(end);
      return undefined;
    });
  return { turns, began, ends, ask };
}

it('lets so many work at a time, and of those who belong together one', async () => {
  const { began, ends, ask } = start(2);
  const [one, other, third] = [{}, {}, {}];
  void ask(one, 'one 1');
  void ask(one, 'one 2');
  void ask(other, 'other 1');
  void ask(third, 'third 1');
  await settle();
  expect(began).toEqual(['one 1', 'other 1']);
  ends[0]?.();
  await settle();
  expect(began).toEqual(['one 1', 'other 1', 'third 1']);
  ends[1]?.();
  await settle();
  expect(began).toEqual(['one 1', 'other 1', 'third 1', 'one 2']);
});

it('lets who asks for much wait behind himself', async () => {
  const { began, ends, ask } = start(1);
  const [greedy, modest] = [{}, {}];
  for (let n = 1; n <= 5; n += 1) void ask(greedy, `greedy ${n}`);
  void ask(modest, 'modest');
  for (let n = 0; n < 6; n += 1) {
    await settle();
    ends[n]?.();
  }
  expect(began).toEqual(['greedy 1', 'modest', 'greedy 2', 'greedy 3', 'greedy 4', 'greedy 5']);
});

it('forgets who has left before his turn', async () => {
  const { turns, began, ends, ask } = start(1);
  const leaving = new AbortController();
  const [one, other, third] = [{}, {}, {}];
  void ask(one, 'one 1');
  const left = [ask(one, 'one 2', leaving.signal), ask(other, 'other', leaving.signal)];
  void ask(third, 'third');
  expect(turns.waiting).toBe(3);
  leaving.abort(new Error('left'));
  for (const each of left) await expect(each).rejects.toThrow('left');
  expect(turns.waiting).toBe(1);
  await settle();
  ends[0]?.();
  ends[0]?.();
  await settle();
  ends[1]?.();
  await settle();
  expect([began, turns.waiting]).toEqual([['one 1', 'third'], 0]);
  await expect(turns.take(one, leaving.signal)).rejects.toThrow('left');
});
