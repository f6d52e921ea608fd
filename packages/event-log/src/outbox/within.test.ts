import { expect, it } from 'vitest';

import { NotSettled, within } from './within.ts';

it('gives what comes in time, failures included', async () => {
  await expect(within(1000, Promise.resolve(1))).resolves.toBe(1);
  await expect(within(1000, Promise.reject(new Error('no')))).rejects.toThrow('no');
});

it('waits no longer for what never settles', async () => {
  await expect(within(5, new Promise(() => {}))).rejects.toThrow(NotSettled);
});
