import { federation, startMemorySupergraph, type MemorySupergraph } from '@tributary/testkit';
import { buildSchema, graphql } from 'graphql';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import { startTestGateway, type TestGateway } from '../support/start-test-gateway.ts';

/** Where items stand in the answer; `catalog` lists them and `texts` fills in the rest of each. */
const positions = {
  one: 'Item',
  oneRequired: 'Item!',
  list: '[Item]',
  listOfRequired: '[Item!]',
  listRequired: '[Item]!',
  listRequiredOfRequired: '[Item!]!',
} as const;

/** Fields of an item that `texts` owns. */
const fields = {
  text: 'String',
  textRequired: 'String!',
  tags: '[String]',
  tagsRequired: '[String!]!',
} as const;

type Position = keyof typeof positions;
type Field = keyof typeof fields;

const failing = 'i2';

/** What goes wrong in `texts`, and for which items. */
const failures = {
  'the whole fetch fails': { isHit: () => true, isNull: false },
  'the fetch is answered with errors only': { isHit: () => true, isNull: false },
  'one field of one entity fails': { isHit: (id: string) => id === failing, isNull: false },
  'the reference resolver of one entity fails': { isHit: (id: string) => id === failing, isNull: false },
  'one entity is not known': { isHit: (id: string) => id === failing, isNull: true },
} as const;

type Failure = keyof typeof failures;

const fieldsOf = (types: Readonly<Record<string, string>>) =>
  Object.entries(types)
    .map(([name, type]) => `${name}: ${type}`)
    .join('\n');

const items = [{ id: 'i1' }, { id: failing }, null, { id: 'i3' }];
const valueOf = (field: string, id: string) => (field.startsWith('tags') ? [id, 'tag'] : `text of ${id}`);
/** A list of non-null items may not have the null of the sample: that would be another failure. */
const itemsAt = (position: string) => {
  if (position.startsWith('one')) return { id: failing };
  return position.includes('OfRequired') ? items.filter((item) => item !== null) : items;
};
const rootFields = Object.fromEntries(Object.keys(positions).map((name) => [name, () => itemsAt(name)]));

let failure: Failure;
let supergraph: MemorySupergraph;
let gateway: TestGateway;

const failIn = (when: Failure, id: string) => {
  if (failure === when && failures[when].isHit(id)) throw new Error('refused');
};

beforeAll(async () => {
  supergraph = await startMemorySupergraph([
    {
      name: 'catalog',
      typeDefs: `${federation('@key')} type Query { ${fieldsOf(positions)} } type Item @key(fields: "id") { id: ID! }`,
      resolvers: { Query: rootFields },
    },
    {
      name: 'texts',
      typeDefs: `${federation('@key')} type Item @key(fields: "id") { id: ID! ${fieldsOf(fields)} }`,
      resolvers: {
        Item: {
          // As loaders do: one that throws before it returns a promise takes all entities of the fetch with it.
          __resolveReference: async ({ id }: { id: string }) => {
            failIn('the reference resolver of one entity fails', id);
            return failure === 'one entity is not known' && id === failing ? null : { id };
          },
          ...Object.fromEntries(
            Object.keys(fields).map((field) => [
              field,
              ({ id }: { id: string }) => {
                failIn('one field of one entity fails', id);
                return valueOf(field, id);
              },
            ]),
          ),
        },
      },
    },
  ]);
  // It goes on asking a subgraph that fails again and again.
  gateway = await startTestGateway(supergraph, { SUBGRAPH_BREAKER_FAILURES: '0' });
});
afterEach(() => supergraph.subgraph('texts').misbehave(undefined));
afterAll(async () => {
  await gateway?.stop();
  await supergraph?.stop();
});

/** The same schema in one piece, where graphql-js itself decides what becomes null. */
const merged = buildSchema(`type Query { ${fieldsOf(positions)} } type Item { id: ID! ${fieldsOf(fields)} }`);

function runMerged(query: string) {
  const { isHit, isNull } = failures[failure];
  const toItem = (item: { id: string } | null) =>
    item && {
      id: item.id,
      ...Object.fromEntries(
        Object.keys(fields).map((field) => [
          field,
          () => {
            if (!isHit(item.id)) return valueOf(field, item.id);
            if (isNull) return null;
            throw new Error('refused');
          },
        ]),
      ),
    };
  const rootValue = Object.fromEntries(
    Object.keys(positions).map((name) => {
      const found = itemsAt(name);
      return [name, Array.isArray(found) ? found.map(toItem) : toItem(found)];
    }),
  );
  return graphql({ schema: merged, source: query, rootValue });
}

function misbehave(when: Failure) {
  failure = when;
  const texts = supergraph.subgraph('texts');
  if (when === 'the whole fetch fails') texts.misbehave((response) => response.destroy());
  if (when === 'the fetch is answered with errors only') {
    texts.misbehave((response) =>
      response
        .setHeader('content-type', 'application/json')
        .end(JSON.stringify({ data: null, errors: [{ message: 'refused' }] })),
    );
  }
}

/** Every place that lost its value: where an error may stand. */
function failedPaths(position: Position, field: Field): string[] {
  const { isHit } = failures[failure];
  const found = itemsAt(position);
  if (!Array.isArray(found)) return isHit(found.id) ? [`${position}.${field}`] : [];
  return found.flatMap((item, index) => (item && isHit(item.id) ? [`${position}.${index}.${field}`] : []));
}

const pathsOf = (errors: readonly { readonly path?: readonly (string | number)[] | undefined }[] = []) =>
  errors.map(({ path }) => (path ?? []).join('.'));

const cases = Object.keys(failures).flatMap((when) =>
  Object.keys(positions).flatMap((position) =>
    Object.keys(fields).map((field) => [when, position, field] as [Failure, Position, Field]),
  ),
);

describe('across a subgraph boundary, nulls spread as in one schema', () => {
  it.each(cases)('%s: %s { %s }', async (when, position, field) => {
    misbehave(when);
    const query = `{ ${position} { id ${field} } }`;
    const expected = await runMerged(query);
    const { status, body } = await gateway.query(query);
    expect(status).toBe(200);
    expect(body.data).toEqual(JSON.parse(JSON.stringify(expected.data)));
    // Beneath a common null graphql-js reports the first error only; the gateway may report each.
    expect(pathsOf(body.errors)).toEqual(expect.arrayContaining(pathsOf(expected.errors)));
    expect(failedPaths(position, field)).toEqual(expect.arrayContaining(pathsOf(body.errors)));
    expect(new Set(pathsOf(body.errors)).size).toBe(body.errors?.length ?? 0);
    expect((body.errors ?? []).every(({ extensions }) => extensions['code'] !== undefined)).toBe(true);
  });
});
