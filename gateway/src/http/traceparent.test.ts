import { expect, it } from 'vitest';

import { traceparentOf } from './traceparent.ts';

const wellFormed = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

it('goes on as it came', () => {
  expect(traceparentOf(wellFormed)).toBe(wellFormed);
});

it.each([
  undefined,
  null,
  '',
  'a trace',
  [wellFormed],
  wellFormed.toUpperCase(),
  '00-00000000000000000000000000000000-b7ad6b7169203331-01',
  '00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01',
])('is dropped when it is wrong: %j', (header) => {
  expect(traceparentOf(header)).toBeUndefined();
});
