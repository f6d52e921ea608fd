import { expect, it } from 'vitest';

import { Cleanup } from './cleanup.ts';

it('undoes the last first, once, and all of it whatever fails', async () => {
  const undone: string[] = [];
  const cleanup = new Cleanup();
  cleanup.defer(() => undone.push('first'));
  cleanup.defer(async () => {
    throw new Error('stuck');
  });
  cleanup.defer(async () => undone.push('last'));
  await expect(cleanup.run()).rejects.toThrow('stuck');
  expect(undone).toEqual(['last', 'first']);
  await cleanup.run();
  expect(undone).toHaveLength(2);
});
