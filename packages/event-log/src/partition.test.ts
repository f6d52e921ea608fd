import { describe, expect, it } from 'vitest';

import { parsePartition, partitionOf } from './partition.ts';

describe('partitionOf', () => {
  it('gives an entity the same partition in every process, whatever the order of its fields', () => {
    expect(partitionOf('posts', { __typename: 'Post', id: '42' })).toBe(
      partitionOf('posts', { id: '42', __typename: 'Post' }),
    );
    // The same in every release too: events of an entity must not change partition while a log is in use.
    const ids = Array.from({ length: 8 }, (_, index) => String(index));
    expect(ids.map((id) => partitionOf('posts', { __typename: 'Post', id }))).toMatchInlineSnapshot(`
      [
        "posts.2",
        "posts.2",
        "posts.3",
        "posts.0",
        "posts.0",
        "posts.0",
        "posts.0",
        "posts.2",
      ]
    `);
  });

  it('spreads entities evenly', () => {
    const counts = new Map<string, number>();
    for (let id = 0; id < 8000; id += 1) {
      const partition = partitionOf('posts', { __typename: 'Post', id: String(id) });
      counts.set(partition, (counts.get(partition) ?? 0) + 1);
    }
    expect([...counts.keys()].toSorted()).toEqual(['posts.0', 'posts.1', 'posts.2', 'posts.3']);
    expect(Math.min(...counts.values())).toBeGreaterThan(1700);
  });
});

describe('parsePartition', () => {
  it('takes a name apart', () => {
    expect(parsePartition('my-posts.12')).toEqual({ source: 'my-posts', index: 12 });
  });

  it.each(['posts', 'posts.', 'posts.01', 'posts.1000', '.1', 'a.b.1', '{posts}.1'])('refuses %s', (name) => {
    expect(() => parsePartition(name)).toThrow(`Expected a partition like "posts.0", but got "${name}"`);
  });
});
