import { buildSchema } from 'graphql';
import { describe, expect, it } from 'vitest';

import type { Engine } from '../engine/engine.ts';
import { Generation } from './generation.ts';
import type { Supergraph } from './read-supergraph.ts';

const create = (documentBytes?: number) => {
  const engine: Engine = {
    schema: buildSchema('type Query { a: Int }'),
    overrideLabelsOf: () => [],
    plan: async () => ({ execute: async () => ({ data: 'null', errors: [] }) }),
    bytesOf: () => 40_000,
    stop: async () => {},
  };
  return new Generation({ id: 'g1' } as Supergraph, engine, {
    authorizer: { needsOf: () => ({ requirements: [], policies: [] }), refusalsFor: () => undefined },
    introspection: true,
    ...(documentBytes !== undefined && { documentBytes }),
  });
};

describe('Generation', () => {
  it('prepares a text once for as long as it is in use, good or bad', () => {
    const generation = create(7000);
    const [good, bad] = [generation.prepare('{ a }'), generation.prepare('{ b }')];
    expect(generation.prepare('{ a }')).toBe(good);
    expect(generation.prepare('{ b }')).toBe(bad);
    generation.prepare('{ c: a }');
    expect(generation.prepare('{ a }')).not.toBe(good);
  });

  it('counts what was compiled of a document with it', async () => {
    const generation = create(60_000);
    const [first, second] = [generation.prepare('{ a }'), generation.prepare('{ b: a }')];
    const [operation] = first.operations ?? [];
    if (!operation) throw new Error('Expected an operation');
    await generation.plan({ operation });
    expect(generation.prepare('{ a }')).toBe(first);
    expect(generation.prepare('{ b: a }')).toBe(second);
    await generation.plan({ operation: { ...operation, text: '{ b: a }' } });
    expect(generation.prepare('{ a }')).not.toBe(first);
  });

  it('retires when the last request on it has ended', async () => {
    const generation = create();
    const [endFirst, endSecond] = [generation.lease(), generation.lease()];
    let isRetired = false;
    const retired = generation.retire().then(() => (isRetired = true));
    endFirst();
    endFirst();
    await Promise.resolve();
    expect(isRetired).toBe(false);
    endSecond();
    await retired;
    expect(isRetired).toBe(true);
  });

  it('retires at once when nobody uses it', async () => {
    await expect(create().retire()).resolves.toBeUndefined();
  });
});
