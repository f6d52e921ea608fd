import { check, property, sample as draw } from 'fast-check';
import {
  buildSchema,
  Kind,
  OperationTypeNode,
  parse,
  print,
  separateOperations,
  validate,
  visit,
  type DocumentNode,
} from 'graphql';
import { describe, expect, it } from 'vitest';

import { randomOperation, type RandomOperation, type RandomOperationOptions } from './random-operation.ts';

/** Schemas that each bring something that an operation may get wrong. */
const schemas = {
  'a library of interfaces and unions': buildSchema(`
    interface Node { id: ID! }
    interface Titled implements Node { id: ID! title(length: Int = 10): String }
    type Book implements Node & Titled { id: ID! title(length: Int = 10, upper: Boolean): String pages: Int! similar(first: Int!): [Titled!]! author: Author }
    type Film implements Node & Titled { id: ID! title(length: Int = 10): String minutes: Int pages: [String] cast: [Author] }
    type Author implements Node { id: ID! name: String! works: [Work!] home: Author }
    union Work = Book | Film
    type Query { node(id: ID!): Node titled: [Titled] work: Work author(name: String = "x"): Author! }
    type Mutation { rename(id: ID!, title: String): Book touch: Boolean }
  `),
  'inputs of every kind': buildSchema(`
    enum Colour { RED GREEN }
    input Range { from: Int! = 1 to: Int }
    input Filter { colours: [Colour!] = [RED] range: Range and: [Filter!] matrix: [[Int!]!] id: ID! name: String! = "n" }
    input By @oneOf { id: ID name: String range: Range }
    scalar Unknown
    type Query {
      list(filter: Filter, colour: Colour! = GREEN, ratio: Float, flags: [Boolean]): [Query!]
      by(by: By!): Query
      secret(key: Unknown!): String
      public(key: Unknown): String
      known(at: Moment!): Moment
    }
    scalar Moment
  `),
  'one field': buildSchema('type Query { a: Int }'),
  'types that differ beneath one name': buildSchema(`
    interface Shape { self: Shape area: Float }
    type Circle implements Shape { self: Circle area: Float size: Int! tags: [String!]! inner: Square }
    type Square implements Shape { self: Square area: Float size: String tags: [String] inner: [Circle!]! }
    type Query { shape: Shape shapes: [Shape!]! either: Either }
    union Either = Circle | Square
  `),
};
const options: RandomOperationOptions = { values: { Moment: ['2026-01-01T00:00:00Z'] } };

const sample = (schema: keyof typeof schemas, count: number, more: RandomOperationOptions = {}) =>
  draw(randomOperation(schemas[schema], { ...options, ...more }), { numRuns: count, seed: 7 });

/** How many operations of a sample have a node for which a test holds. */
const countWith = (operations: readonly RandomOperation[], isWanted: (text: string) => boolean) =>
  operations.filter(({ query }) => isWanted(query)).length;

// Thousands of documents on a busy machine.
describe('random operations', { timeout: 60_000 }, () => {
  it.each(Object.keys(schemas) as (keyof typeof schemas)[])('are valid for %s', (name) => {
    const messages = sample(name, 1000).flatMap(({ query }) => validate(schemas[name], parse(query)));
    expect(messages).toEqual([]);
  });

  it('are valid mutations where those are asked for', () => {
    const name = 'a library of interfaces and unions';
    const mutations = sample(name, 300, { operationTypes: [OperationTypeNode.MUTATION] });
    expect(mutations.flatMap(({ document }) => validate(schemas[name], document))).toEqual([]);
    expect(mutations.every(({ query }) => query.includes('mutation'))).toBe(true);
  });

  it('bring their variables and the name of the operation to run', () => {
    for (const { document, operationName, variables } of sample('inputs of every kind', 500)) {
      const operations = document.definitions.filter(({ kind }) => kind === Kind.OPERATION_DEFINITION);
      expect(operationName === undefined).toBe(operations.length === 1);
      const names = new Set<string>();
      visit(document, { VariableDefinition: ({ variable }) => void names.add(variable.name.value) });
      expect(Object.keys(variables).filter((variable) => !names.has(variable))).toEqual([]);
    }
  });

  it('use everything that operations may have', () => {
    const operations = sample('a library of interfaces and unions', 1000);
    const shares = {
      aliases: countWith(operations, (text) => /\b[abc]: /.test(text)),
      'named fragments': countWith(operations, (text) => text.includes('...Fragment')),
      'inline fragments': countWith(operations, (text) => text.includes('... on Book')),
      'fragments without a condition': countWith(operations, (text) => /\.\.\. [@{]/.test(text)),
      variables: countWith(operations, (text) => text.includes('$v0')),
      'skip and include': countWith(
        operations,
        (text) => text.includes('@skip') && text.includes('@include'),
      ),
      'several operations': countWith(operations, (text) => text.includes('Operation2')),
      typenames: countWith(operations, (text) => text.includes('__typename')),
      'repeated fields': operations.filter(({ document }) => hasRepeatedField(document)).length,
    };
    for (const [what, count] of Object.entries(shares)) {
      expect({ what, isEnough: count >= 20 }).toEqual({ what, isEnough: true });
    }
  });

  it('leave out what nobody gave a value for, and what was ruled out', () => {
    const text = sample('inputs of every kind', 500, {
      weightOf: (_type, field) => (field === 'by' ? 0 : undefined),
    })
      .map(({ query }) => query)
      .join('\n');
    // Their names may be aliases all the same.
    for (const absent of [/\bsecret\b(?!:)/, /public\(/, /\bby\b(?!:)/])
      expect(absent.test(text)).toBe(false);
    expect(text.includes('known(at: "2026-01-01T00:00:00Z")')).toBe(true);
  });

  it('take values for a place over values for a type', () => {
    const values = { ID: ['of the type'], 'Query.node(id:)': ['of the place'] };
    const texts = sample('a library of interfaces and unions', 300, { values }).map(
      ({ query, variables }) => query + JSON.stringify(variables),
    );
    expect(texts.some((text) => text.includes('of the place'))).toBe(true);
    expect(texts.some((text) => text.includes('of the type'))).toBe(false);
  });

  it('shrink to the smallest operation that still fails, valid all the way', () => {
    const name = 'a library of interfaces and unions';
    const seen: DocumentNode[] = [];
    const result = check(
      property(randomOperation(schemas[name]), ({ document, operationName = '' }) => {
        seen.push(document);
        const running = separateOperations(document)[operationName] ?? document;
        return !/\bpages\b(?!:)/.test(print(running));
      }),
      { seed: 3 },
    );
    expect(seen.flatMap((document) => validate(schemas[name], document))).toEqual([]);
    const [smallest] = result.counterexample ?? [];
    expect(smallest?.query.replaceAll(/\s+/g, ' ')).toMatch(
      /^\{ (work|titled|node\(id: "?.*"?\)) \{ \.\.\. on (Book|Film) \{ pages \} \} \}$|^\{ author \{ works \{ \.\.\. on (Book|Film) \{ pages \} \} \} \}$/,
    );
  });
});

function hasRepeatedField(document: DocumentNode): boolean {
  let isRepeated = false;
  visit(document, {
    SelectionSet: ({ selections }) => {
      const names = selections.map((selection) =>
        selection.kind === Kind.FIELD
          ? print({ ...selection, directives: [], selectionSet: undefined } as never)
          : undefined,
      );
      isRepeated ||= names.some(
        (name, index) => name !== undefined && name !== '__typename' && names.indexOf(name) < index,
      );
    },
  });
  return isRepeated;
}
