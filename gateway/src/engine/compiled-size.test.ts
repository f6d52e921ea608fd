import { buildSchema, parse } from 'graphql';
import { describe, expect, it } from 'vitest';

import { normalizeOperation } from './answer/normalize-operation.ts';
import { bytesOfProgram, bytesOfWriter } from './compiled-size.ts';

const schema = buildSchema('type Query { a: A } type A { a: A b: Int c: Int }');
const sizeOf = (text: string) => bytesOfWriter(normalizeOperation({ schema, document: parse(text) }));

describe('what a compiled operation takes', () => {
  it('grows with its fields, fragments written out', () => {
    const perField = sizeOf('{ a { b c } }') - sizeOf('{ a { b } }');
    expect(perField).toBeGreaterThan(1000);
    expect(sizeOf('{ a { ...F a { ...F } } } fragment F on A { b c }')).toBe(
      sizeOf('{ a { b c a { b c } } }'),
    );
  });

  it('grows with the settings of its conditions, up to some', () => {
    const condition = (name: string) => `b @include(if: $${name})`;
    const withConditions = (names: readonly string[]) =>
      sizeOf(
        `query (${names.map((name) => `$${name}: Boolean!`).join()}) { a { ${names.map((name, index) => `x${index}: ${condition(name)}`).join(' ')} } }`,
      );
    expect(withConditions(['p', 'q'])).toBeGreaterThan(2 * withConditions(['p']) - 8000);
    const many = Array.from({ length: 20 }, (_, index) => `p${index}`);
    expect(withConditions(many)).toBeLessThan(2_000_000);
  });

  it('is more with a long plan', () => {
    expect(bytesOfProgram(1000)).toBe(12_000);
  });
});
