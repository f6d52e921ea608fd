import { expect, it } from 'vitest';

import { Departures } from './departures.ts';

const start = () => {
  const departures = new Departures<string>();
  const left: (readonly string[])[] = [];
  const leave = async (wanted: readonly string[]) => void left.push(wanted);
  return { left, join: (key: string, wanted: string) => departures.join(key, [wanted], leave) };
};

it('sends off together what is ready before the event loop has gone round', async () => {
  const { left, join } = start();
  await Promise.all([
    join('users', 'Ada'),
    Promise.resolve().then(() => join('users', 'Alan')),
    join('posts', 'first'),
  ]);
  expect(left).toEqual([['Ada', 'Alan'], ['first']]);
});

it('keeps nobody waiting for what comes later', async () => {
  const { left, join } = start();
  await join('users', 'Ada');
  await join('users', 'Alan');
  expect(left).toEqual([['Ada'], ['Alan']]);
});

it('lets all of them know when it fails', async () => {
  const departures = new Departures<string>();
  const leave = async () => {
    throw new Error('gone');
  };
  const first = departures.join('users', ['Ada'], leave);
  const second = departures.join('users', ['Alan'], leave);
  await expect(first).rejects.toThrow('gone');
  await expect(second).rejects.toThrow('gone');
});
