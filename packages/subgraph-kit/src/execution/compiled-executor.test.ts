import { execute, parse, type ExecutionResult } from 'graphql';
import { describe, expect, it } from 'vitest';

import { createSubgraphSchema } from '../schema/create-subgraph-schema.ts';
import { createExecutor } from './executor.ts';

const schema = createSubgraphSchema({
  typeDefs: `
    interface Node { id: ID! near: Node }
    type Cat implements Node { id: ID! near: Node name: String! }
    type Dog implements Node { id: ID! near: Node age: Int! }
    enum Size { SMALL LARGE }
    input Filter { text: String! = "any" }
    type Query {
      echo(text: String, number: Int, size: Size, filter: Filter): String
      node(id: ID = "1"): Node
      nodes: [Node!]!
      some(late: Boolean): [Node]
      required: String!
      throws: String
      rejects: String!
      wrong: Int
      same_as: String
    }`,
  resolvers: {
    Query: {
      echo: (_root: unknown, args: object) => JSON.stringify(args),
      node: async (_root: unknown, { id }: { id: string }) => ({ __typename: 'Cat', id, name: `cat ${id}` }),
      nodes: () => [
        { __typename: 'Cat', id: '1', name: 'Tom' },
        Promise.resolve({ __typename: 'Dog', id: '2' }),
      ],
      // In an order of their own: the last one first, unless it shall be late.
      some: (_root: unknown, { late = false }: { late?: boolean }) => [
        { __typename: 'Cat', id: '1', name: 'Tom' },
        late ? afterOthers().then(refuse) : refuse(),
        afterOthers().then(() => ({ __typename: 'Cat', id: '3', name: 'Kit' })),
        refuse(),
      ],
      required: () => null,
      throws: () => {
        throw new Error('no');
      },
      rejects: () => Promise.reject(new Error('never')),
      wrong: () => 'seven',
      same_as: () => 'same',
    },
    Node: {},
  },
});

const refuse = () => Promise.reject(new Error('refused'));
const afterOthers = () => new Promise((resolve) => setImmediate(resolve));

const context = {};

/** Runs an operation so often that it would be compiled, and as graphql-js does. */
async function runBoth(query: string, variables: Readonly<Record<string, unknown>> = {}) {
  const document = parse(query);
  const request = { document, operationName: undefined, variables, context };
  const executor = createExecutor(schema, 'compiled');
  let compiled: ExecutionResult = {};
  for (let time = 0; time < 5; time += 1) compiled = await executor(request);
  const interpreted = await execute({ schema, document, variableValues: variables, contextValue: context });
  return [compiled, interpreted].map(({ data, errors }) => ({
    // The prototypes of the objects differ.
    data: JSON.parse(JSON.stringify(data ?? null)) as unknown,
    errors: errors?.map((error) => ({ ...error.toJSON(), cause: error.originalError?.message })),
  }));
}

describe('gives what graphql-js gives', () => {
  it.each([
    ['values', '{ echo(number: 3, size: LARGE) node { id ... on Cat { name } } }'],
    ['interfaces and lists of promises', '{ nodes { __typename id ... on Cat { name } } }'],
    ['conditions', 'query ($yes: Boolean = true) { echo @include(if: $yes) node @skip(if: $yes) { id } }'],
    ['aliases whose joined names are equal', '{ a_b: node { c: id } a: node { b_c: id } same_as }'],
    ['the alias that is no property', '{ __proto__: echo }'],
    ['introspection', '{ __schema { queryType { name } } __typename }'],
  ])('for %s', async (_what, query) => {
    const [compiled, interpreted] = await runBoth(query);
    expect(compiled).toEqual(interpreted);
    expect(compiled?.errors).toBeUndefined();
  });

  it.each([
    ['is thrown', '{ throws echo }'],
    ['a value has', '{ wrong echo }'],
    ['is a rejection', '{ rejects }'],
    ['is a null', '{ echo\n  required }'],
    ['is of one item', '{ nodes { ... on Dog { age } } }'],
  ])('for an error that %s', async (_what, query) => {
    const [compiled, interpreted] = await runBoth(query);
    const withoutCause = (answer: typeof compiled) => ({
      ...answer,
      errors: answer?.errors?.map((error) => ({ ...error, cause: undefined })),
    });
    expect(withoutCause(compiled)).toEqual(withoutCause(interpreted));
    expect(compiled?.errors).toHaveLength(1);
  });

  it.each([
    ['that are right', { text: 'x', number: 1 }],
    ['that are left out', {}],
    ['of the wrong type', { number: 'one' }],
    ['beyond a whole number', { number: 2 ** 40 }],
  ])('for variables %s', async (_what, variables) => {
    const query = 'query ($text: String, $number: Int = 7) { echo(text: $text, number: $number) }';
    const [compiled, interpreted] = await runBoth(query, variables);
    expect(compiled).toEqual(interpreted);
  });
});

it.each(['false', 'true'])('keeps the places of items that are rejected, late: %s', async (late) => {
  const [compiled, interpreted] = await runBoth(`{ some(late: ${late}) { id } }`);
  expect(compiled?.data).toEqual({ some: [{ id: '1' }, null, { id: '3' }, null] });
  expect(compiled?.data).toEqual(interpreted?.data);
  const paths = (answer: typeof compiled) => answer?.errors?.map(({ path }) => path?.join('.')).toSorted();
  expect(paths(compiled)).toEqual(['some.1', 'some.3']);
  expect(paths(interpreted)).toEqual(['some.1', 'some.3']);
});

describe('lets no text of a client become code', () => {
  const texts = [
    '__MAGIC_DATE__33a9e76d_02e0_4128_8e92_3530ad3da74d0)+(globalThis.isOwned=true)+(1',
    "'+(globalThis.isOwned=true)+'",
    '`${globalThis.isOwned=true}`',
  ];

  it.each(texts)('as the literal %s', async (text) => {
    const [compiled] = await runBoth(`{ echo(text: ${JSON.stringify(text)}) }`);
    expect(compiled?.data).toEqual({ echo: JSON.stringify({ text }) });
    expect(globalThis).not.toHaveProperty('isOwned');
  });

  it.each(texts)('as a default value, within an input object or as a variable: %s', async (text) => {
    const literal = JSON.stringify(text);
    await runBoth(`query ($text: String = ${literal}) { echo(text: $text) }`);
    await runBoth(`query ($filter: Filter = { text: ${literal} }) { echo(filter: $filter) }`);
    await runBoth(`{ echo(filter: { text: ${literal} }) }`);
    const [compiled] = await runBoth('query ($text: String) { echo(text: $text) }', { text });
    expect(compiled?.data).toEqual({ echo: JSON.stringify({ text }) });
    expect(globalThis).not.toHaveProperty('isOwned');
  });
});

it('leaves operations to graphql-js that would become programs without end', async () => {
  const depth = 40;
  const query = `{ node ${'{ id near '.repeat(depth)}{ id }${' }'.repeat(depth)} }`;
  const [compiled, interpreted] = await runBoth(query);
  expect(compiled).toEqual(interpreted);
});
