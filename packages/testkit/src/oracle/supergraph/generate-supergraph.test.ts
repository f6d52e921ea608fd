import { execute, parse } from 'graphql';
import { describe, expect, it } from 'vitest';

import { executeMonolith } from './execute-monolith.ts';
import { generateModel } from './generate-model.ts';
import { buildSupergraph, generateSupergraph } from './generate-supergraph.ts';
import { printSubgraph } from './print-subgraph.ts';
import { startRun } from './resolve-field.ts';
import { shrinkModel } from './shrink-model.ts';

const textOf = (seed: string): string => {
  const model = generateModel(seed);
  return model.subgraphs.map((name) => printSubgraph(model, name)).join('\n');
};

describe('generated supergraphs', () => {
  it('are the same for the same seed, and others for others', () => {
    expect(textOf('a')).toBe(textOf('a'));
    expect(textOf('a')).not.toBe(textOf('b'));
  });

  it('compose, nearly all of them', () => {
    const made = Array.from({ length: 8 }, (_none, index) => generateSupergraph(`unit ${index}`));
    expect(made.flatMap(({ refused }) => refused).length).toBeLessThan(4);
    for (const { subgraphs } of made) expect([2, 3, 4, 5]).toContain(subgraphs.size);
  });

  it('have between them all that a federation may have', () => {
    const text = Array.from({ length: 60 }, (_none, index) => textOf(`all ${index}`)).join('\n');
    for (const directive of [
      '@requires',
      '@provides',
      '@override',
      '@external',
      '@shareable',
      '@inaccessible',
    ]) {
      expect(text).toContain(directive);
    }
    expect(text).toMatch(/@key\(fields: "\w+ \{ \w+ \}.*"/);
    expect(text).toMatch(/@key\(fields: "\w+ \w+"/);
    expect(text).toMatch(/@key.*@key/);
    expect(text).toContain('resolvable: false');
    expect(text).toContain('@interfaceObject');
    expect(text).toMatch(/label: "percent\(0\)"/);
    expect(text).toMatch(/requires\(fields: ".*\(.*\)/);
    expect(text).toMatch(/^union /m);
    expect(text).toContain(': [[');
  });

  it('answer the same in the monolith and in the subgraph that has the field', async () => {
    const { schema, world, subgraphs } = generateSupergraph('unit 1');
    const [first] = subgraphs.values();
    const document = parse('{ __typename }');
    const whole = await executeMonolith(
      schema,
      { document, variables: {} },
      startRun(world, { kind: 'none' }),
    );
    const part = await first?.execute({ query: '{ __typename }' }, startRun(world, { kind: 'none' }));
    expect(whole).toEqual(part);
    expect(whole).toEqual(await execute({ schema, document }));
  });

  it('become smaller, and some of the smaller ones compose', () => {
    const model = generateModel('unit 1 0');
    const smaller = [...shrinkModel(model)].slice(0, 8);
    const built = smaller.map((candidate) => {
      try {
        return buildSupergraph(candidate, 'unit');
      } catch {
        return 'not printable';
      }
    });
    expect(built.filter((each) => typeof each !== 'string').length).toBeGreaterThan(0);
  });
});
