import { expect, it } from 'vitest';

import { closeReason } from './close-codes.ts';

it.each(['', 'short', 'x'.repeat(123), 'é'.repeat(61)])('leaves a reason that fits: %s', (reason) => {
  expect(closeReason(reason)).toBe(reason);
});

it.each(['x'.repeat(124), 'é'.repeat(100), '€'.repeat(100), '😀'.repeat(100)])(
  'cuts one that does not, between two characters: %s',
  (reason) => {
    const cut = closeReason(reason);
    expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(123);
    expect(reason.startsWith(cut.slice(0, -1))).toBe(true);
    expect(cut).toMatch(/[^\uFFFD]…$/);
  },
);
