import { decodeCursor } from '@tributary/event-log';
import { expect, it } from 'vitest';

import { cursorText } from './cursor-text.ts';

it('writes a place in the log, unless there are too many sources to carry', () => {
  const cursorOf = (count: number) =>
    new Map(Array.from({ length: count }, (_, index) => [`source-${index}.0`, 12_345] as const));
  expect(decodeCursor(cursorText(cursorOf(3)) ?? '')).toEqual(cursorOf(3));
  expect(cursorText(cursorOf(1000))).toBeUndefined();
});
