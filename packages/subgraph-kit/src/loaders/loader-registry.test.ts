import { expect, it } from 'vitest';

import { LoaderRegistry } from './loader-registry.ts';

const echo = async (keys: readonly string[]) => keys;

it('makes loaders with what all of a process have in common', async () => {
  const sizes: number[] = [];
  const registry = new LoaderRegistry({ maxBatchSize: 2, onBatch: ({ size }) => void sizes.push(size) });
  await registry.create({ name: 'echo' }, echo).loadMany(['a', 'b', 'c']);
  expect(sizes).toEqual([2, 1]);
});

it('lets a loader differ', async () => {
  const registry = new LoaderRegistry({ maxBatchSize: 2 });
  const loader = registry.create({ name: 'echo', maxBatchSize: 3 }, echo);
  await loader.loadMany(['a', 'b', 'c']);
  expect(loader.stats().largestBatch).toBe(3);
});

it('refuses a name that is taken', () => {
  const registry = new LoaderRegistry();
  registry.create({ name: 'userById' }, echo);
  expect(() => registry.create({ name: 'userById' }, echo)).toThrow(
    new TypeError('Expected each loader to have a name of its own, but "userById" came twice'),
  );
});

it('clears them all', async () => {
  const registry = new LoaderRegistry();
  const loaders = ['one', 'two'].map((name) => registry.create({ name }, echo));
  await Promise.all(loaders.map((loader) => loader.load('a')));
  registry.clearAll();
  expect(registry.stats().map(({ name, cacheSize }) => [name, cacheSize])).toEqual([
    ['one', 0],
    ['two', 0],
  ]);
});

it('knows nothing of the loaders of another request', () => {
  const [one, other] = [new LoaderRegistry(), new LoaderRegistry()];
  one.create({ name: 'userById' }, echo);
  expect(other.stats()).toEqual([]);
});
