import { links, textOf, upTo, type Graph } from './graph.ts';

/** The fields of a level beside its id and the list of the next level: `f1` to `f20`. */
export const levelFields: readonly string[] = upTo(20).map((number) => `f${number}`);

type LevelType = 'Odd' | 'Even';

const typeAfter: Readonly<Record<LevelType, LevelType>> = { Odd: 'Even', Even: 'Odd' };

/** An object of a level; its id is the way to it (`3.1.4`), so no two places of an answer show the same one. */
function objectAt(type: LevelType, id: string): object {
  const seed = Buffer.from(id).reduce((sum, byte) => (sum * 31 + byte) % 9973, 7);
  const fields = levelFields.map((name, index) => [name, valueOf(index, seed + index)] as const);
  return { __typename: type, id, ...Object.fromEntries(fields) };
}

/** Two texts, then a number, then a truth, and so on. */
const valueOf = (index: number, seed: number): unknown =>
  [() => textOf(seed, 2), () => textOf(seed, 1), () => seed, () => seed % 2 === 0][index % types.length]?.();

const types = ['String', 'String', 'Int', 'Boolean'];

interface First {
  readonly first: number;
}

const next =
  (type: LevelType) =>
  (parent: unknown, { first }: First) =>
    upTo(first).map((index) =>
      objectAt(typeAfter[type], `${(parent as { readonly id: string }).id}.${index}`),
    );

const entity =
  (type: LevelType) =>
  ({ id }: Readonly<Record<string, unknown>>): object =>
    objectAt(type, String(id));

/** What a subgraph says of the levels that are its own: all that they have, and of the others that there are some. */
const sdlOf = (type: LevelType): string => `
  type ${type} @key(fields: "id") {
    id: ID!
    ${levelFields.map((name, index) => `${name}: ${types[index % types.length]}`).join('\n')}
    next(first: Int!): [${typeAfter[type]}!]!
  }
  type ${typeAfter[type]} @key(fields: "id", resolvable: false) { id: ID! }
`;

/**
 * Levels within levels, as deep as one asks and with lists as long. One subgraph has the first, third and fifth, the
 * other one those between, so that each level is a fetch of its own.
 */
export const levels: Graph = {
  name: 'levels',
  subgraphs: [
    {
      name: 'odd-levels',
      sdl: `${links('@key')} type Query { levels(first: Int!): [Odd!]! } ${sdlOf('Odd')}`,
      resolvers: {
        Query: { levels: (_root, { first }: First) => upTo(first).map((id) => objectAt('Odd', String(id))) },
        Odd: { next: next('Odd') },
      },
      entities: { Odd: entity('Odd') },
    },
    {
      name: 'even-levels',
      sdl: `${links('@key')} ${sdlOf('Even')}`,
      resolvers: { Even: { next: next('Even') } },
      entities: { Even: entity('Even') },
    },
  ],
};
