import { afterEach, expect, it, vi } from 'vitest';

import { gatherLines } from './gather-lines.ts';

const start = () => {
  const written: string[] = [];
  const flushes = { flush: vi.fn(), flushSync: vi.fn() };
  const lines = gatherLines({ write: (text) => void written.push(text), ...flushes });
  return { lines, written, ...flushes };
};

afterEach(() => vi.useRealTimers());

it('hands on many lines as one text, in their order', () => {
  vi.useFakeTimers();
  const { lines, written, flush } = start();
  lines.write('one\n');
  lines.write('two\n');
  expect(written).toEqual([]);
  vi.advanceTimersByTime(50);
  expect(written).toEqual(['one\ntwo\n']);
  expect(flush).toHaveBeenCalledOnce();
});

it('does not wait when there is much', () => {
  const { lines, written } = start();
  const line = `${'x'.repeat(8000)}\n`;
  lines.write(line);
  lines.write(line);
  expect(written).toEqual([line + line]);
});

it('writes everything at once where the logger is about to lose the process', () => {
  const { lines, written, flushSync } = start();
  lines.write('fatal\n');
  lines.flushSync();
  expect(written).toEqual(['fatal\n']);
  expect(flushSync).toHaveBeenCalledOnce();
});

it('waits again after it has written', () => {
  vi.useFakeTimers();
  const { lines, written } = start();
  lines.write('one\n');
  vi.advanceTimersByTime(50);
  lines.write('two\n');
  vi.advanceTimersByTime(50);
  expect(written).toEqual(['one\n', 'two\n']);
});
