import { expect, it } from 'vitest';

import { inTime, NotInTime } from './in-time.ts';

it('gives what comes in time, failures included', async () => {
  await expect(inTime('Redis', Promise.resolve(1))).resolves.toBe(1);
  await expect(inTime('Redis', Promise.reject(new Error('no')))).rejects.toThrow('no');
});

it('waits no longer for what never settles', async () => {
  await expect(inTime('Redis', new Promise(() => {}), 5)).rejects.toThrow(NotInTime);
});
