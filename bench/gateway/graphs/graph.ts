import type { GraphQLFieldResolver } from 'graphql';

/** A subgraph that answers from memory. */
export interface Subgraph {
  readonly name: string;
  readonly sdl: string;
  /** What is not simply a property of the object. */
  readonly resolvers?: Readonly<
    Record<string, Readonly<Record<string, GraphQLFieldResolver<unknown, unknown>>>>
  >;
  /** Finds the entity of a representation, by its type. */
  readonly entities: Readonly<Record<string, (representation: Representation) => object | undefined>>;
}

export type Representation = Readonly<Record<string, unknown>> & { readonly __typename: string };

/**
 * Subgraphs over one set of objects that refer to each other. Each subgraph shows what its schema names, and all of
 * them together are the answer that a gateway has to give.
 */
export interface Graph {
  readonly name: string;
  readonly subgraphs: readonly Subgraph[];
}

/** What every schema of a benchmark begins with; it says of itself what is personal, so all else is for everybody. */
export const links = (...imports: readonly string[]): string => `
  extend schema
    @link(url: "https://specs.apollo.dev/federation/v2.7", import: ${JSON.stringify(['@composeDirective', ...imports])})
    @link(url: "https://specs.tributary.dev/tributary/v1.0", import: ["@personal"])
    @composeDirective(name: "@personal")

  directive @personal on FIELD_DEFINITION | OBJECT
`;

const words =
  'lorem ipsum dolor sit amet consectetur adipiscing elit sed do eiusmod tempor incididunt ut labore et dolore magna aliqua'.split(
    ' ',
  );

/** The same text for the same number in every run. */
export const textOf = (seed: number, wordCount: number): string =>
  Array.from(
    { length: wordCount },
    (_, index) => words[(seed * 7 + index * 5 + ((seed * index) % 3)) % words.length],
  ).join(' ');

/** The numbers from 1. */
export const upTo = (count: number): readonly number[] =>
  Array.from({ length: count }, (_, index) => index + 1);
