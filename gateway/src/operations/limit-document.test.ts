import { buildSchema, getIntrospectionQuery, parse } from 'graphql';
import { describe, expect, it } from 'vitest';

import { defaultDocumentLimits, refuseLargeDocument, refuseLargeText } from './limit-document.ts';
import { prepareDocument } from './prepare-document.ts';

const schema = buildSchema('type Query { a(b: Int): Int, q: Query } type Mutation { a: Int }');
const refusalOf = (text: string): Record<string, unknown> => {
  const [error] = prepareDocument(text, { schema, introspection: true }).errors ?? [];
  return { message: error?.message, ...error?.extensions };
};
const aliases = (count: number) => Array.from({ length: count }, (_, index) => `a${index}: a`).join(' ');
const doubled = (count: number) =>
  Array.from({ length: count }, (_, i) => `fragment F${i} on Query { ...F${i + 1} ...F${i + 1} }`).join(' ');

describe('a document is refused before anything costly is done with it', () => {
  it('for more mutations, or fields of a query, than may stand at the top', () => {
    expect(refusalOf(`mutation { ${aliases(51)} }`)).toEqual({
      message: 'Expected an operation with at most 50 mutations, but got 51',
      code: 'OPERATION_TOO_COMPLEX',
      limit: 50,
      score: 51,
    });
    expect(refusalOf(`{ ...F } fragment F on Query { ${aliases(201)} }`)).toMatchObject({
      message: 'Expected an operation with at most 200 fields at its top, but got 201',
    });
    expect(refusalOf(`mutation { ${aliases(50)} }`)['code']).toBeUndefined();
  });

  it('for more operations than anybody sends, each of which is validated with all fragments', () => {
    const operations = (count: number) =>
      Array.from({ length: count }, (_, index) => `query Q${index} { a }`).join(' ');
    expect(refusalOf(operations(51))).toEqual({
      message: 'Expected a document with at most 50 operations, but got 51',
      code: 'OPERATION_TOO_COMPLEX',
      limit: 50,
      score: 51,
    });
    expect(refusalOf(operations(50))['code']).toBeUndefined();
  });

  it('for fields that only fragments within fragments make many', () => {
    expect(refusalOf(`{ q { ...F0 } } ${doubled(10)} fragment F10 on Query { a }`)).toMatchObject({
      message: 'Expected an operation with at most 1000 fields (fragments written out), but got 1025',
      score: 1025,
    });
    const limits = { ...defaultDocumentLimits, maxDepth: 5000 };
    const text = `{ ...F0 } ${doubled(2000)} fragment F2000 on Query { a }`;
    expect(() => refuseLargeDocument(parse(text), limits)).toThrow(/written out\), but got more$/);
  });

  it('for selections that are too deep, also by way of fragments', () => {
    const chain = Array.from({ length: 60 }, (_, i) => `fragment F${i} on Query { q { ...F${i + 1} } }`);
    const text = (first: string) => `${first} ${chain.join(' ')} fragment F60 on Query { a }`;
    expect(refusalOf(text('{ ...F0 }'))['message']).toBe(
      'Expected an operation with at most 50 levels, but got 51',
    );
    // The short end of the chain is known before its long beginning.
    expect(refusalOf(text('{ ...F40 ...F30 ...F5 }'))['code']).toBe('OPERATION_TOO_COMPLEX');
  });

  it.each([
    ['selections', '{ q '.repeat(7000), 'levels of brackets', 50],
    ['lists', `{ a(b: ${'['.repeat(14_000)}`, 'levels of brackets', 50],
    ['types', `query ($a: ${'['.repeat(14_000)}`, 'levels of brackets', 50],
    ['words', `{ ${'a '.repeat(20_000)} }`, 'tokens', 15_000],
  ])('for too many %s in its text, without parsing it', (_title, text, what, limit) => {
    expect(refusalOf(text)).toEqual({
      message: `Expected an operation with at most ${limit} ${what}, but got more`,
      code: 'OPERATION_TOO_COMPLEX',
      limit,
    });
  });

  it('for more fields about the schema than tools ask for, under whatever names', () => {
    const schemas = (count: number) =>
      Array.from({ length: count }, (_, i) => `a${i}: __schema { types { name kind fields { name } } }`).join(
        ' ',
      );
    expect(refusalOf(`{ ${schemas(51)} }`)).toEqual({
      message: 'Expected an operation with at most 300 fields about the schema, but got 306',
      code: 'OPERATION_TOO_COMPLEX',
      limit: 300,
      score: 306,
    });
    const names = Array.from({ length: 300 }, (_, i) => `a${i}: name`).join(' ');
    expect(
      refusalOf(`{ q { q { __type(name: "Query") { ...T } } } } fragment T on __Type { ${names} }`),
    ).toMatchObject({
      message: 'Expected an operation with at most 300 fields about the schema, but got 301',
    });
    expect(refusalOf(`{ ${schemas(50)} }`)['code']).toBeUndefined();
  });

  it('for lists about the schema within lists, which would be answered for everything that meets', () => {
    expect(refusalOf('{ __schema { types { fields { type { fields { name } } } } } }')).toEqual({
      message: 'Expected an operation with at most 2 levels of lists about the schema, but got 3',
      code: 'OPERATION_TOO_COMPLEX',
      limit: 2,
      score: 3,
    });
    expect(
      refusalOf('{ __type(name: "Query") { fields { type { fields { name } } } } }')['code'],
    ).toBeUndefined();
  });

  it('and not for being the largest that tools send', () => {
    const text = getIntrospectionQuery({
      inputValueDeprecation: true,
      specifiedByUrl: true,
      oneOf: true,
      schemaDescription: true,
      directiveIsRepeatable: true,
    });
    expect(() => refuseLargeText(text, defaultDocumentLimits)).not.toThrow();
    expect(() => refuseLargeDocument(parse(text), defaultDocumentLimits)).not.toThrow();
  });

  it('and leaves a fragment within itself to validation', () => {
    const [error] =
      prepareDocument('{ ...F } fragment F on Query { q { ...F } }', { schema, introspection: true })
        .errors ?? [];
    expect(error?.message).toBe('Cannot spread fragment "F" within itself.');
  });
});
