import { expect, it, vi } from 'vitest';

import { onceForEach } from './once-for-each.ts';

it('asks once for each object, also where there is nothing to find', () => {
  const find = vi.fn(({ name }: { readonly name?: string }) => name);
  const nameOf = onceForEach(find);
  const [ada, nobody] = [{ name: 'Ada' }, {}];
  expect([nameOf(ada), nameOf(nobody), nameOf(ada), nameOf(nobody)]).toEqual([
    'Ada',
    undefined,
    'Ada',
    undefined,
  ]);
  expect(find).toHaveBeenCalledTimes(2);
});
