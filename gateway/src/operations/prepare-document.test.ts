import { buildSchema, print } from 'graphql';
import { describe, expect, it } from 'vitest';

import { prepareDocument } from './prepare-document.ts';

const options = { schema: buildSchema('type Query { a(b: Int): Int }'), introspection: true };

const operationsOf = (text: string) => prepareDocument(text, options).operations ?? [];

describe('preparing a document', () => {
  it('gives each operation the fragments that it uses, and not those of others', () => {
    const text = 'query One { a } query Two($b: Int) { ...Both } fragment Both on Query { a(b: $b) }';
    const operations = operationsOf(text);
    expect(operations.map(({ name, document }) => [name, document.definitions.length])).toEqual([
      ['One', 1],
      ['Two', 2],
    ]);
    expect(operations[0] && print(operations[0].document)).toBe('query One {\n  a\n}');
  });

  it('keeps the whole of a document with one operation', () => {
    const operations = operationsOf('{ ...Only } fragment Only on Query { a }');
    expect(operations.map(({ name, document }) => [name, document.definitions.length])).toEqual([
      [undefined, 2],
    ]);
  });
});
