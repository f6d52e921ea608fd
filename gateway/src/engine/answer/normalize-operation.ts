import { print, stripIgnoredCharacters, type DocumentNode, type GraphQLSchema } from 'graphql';

import { writePlannerDocument } from './planner-document.ts';
import { readOperation } from './read-operation.ts';
import { noRefusals, type Refusals } from './refusals.ts';
import type { ReadOperation } from './selection.ts';
import { TypeDependence } from './type-dependence.ts';

export interface NormalizeOptions {
  /** The API schema: what clients see. */
  readonly schema: GraphQLSchema;
  /** One valid operation and the fragments that it uses. */
  readonly document: DocumentNode;
  /** @default nothing is refused */
  readonly refusals?: Refusals | undefined;
  /** Whether `@defer` is kept, for clients who take answers in parts. @default true */
  readonly keepsDefer?: boolean | undefined;
}

/** A client's operation, freed of its own names. */
export interface NormalizedOperation {
  readonly schema: GraphQLSchema;
  /** For the planner; absent when there is nothing to fetch: only `__typename`, introspection and refused fields. */
  readonly document: DocumentNode | undefined;
  /** The same, printed without a character too much; empty when there is nothing to fetch. */
  readonly text: string;
  readonly isEmpty: boolean;
  /** What the answer writer is compiled from. */
  readonly operation: ReadOperation;
  readonly clientDocument: DocumentNode;
  readonly types: TypeDependence;
  readonly refusals: Refusals;
}

/**
 * Gives every field of an operation the key that the data tree knows it by, and writes the operation down with these
 * keys. Plans do not depend on a client's aliases, equal leaf fields are fetched once, and no alias can collide with a key
 * field that the planner adds.
 *
 * @example
 * normalizeOperation({ schema, document: parse('{ a: me { n: name __typename } b: post(id: 1) { id } }') }).text
 * // {me{name}post__1:post(id:1){id}}
 */
export function normalizeOperation({
  schema,
  document: clientDocument,
  refusals = noRefusals,
  keepsDefer = true,
}: NormalizeOptions): NormalizedOperation {
  const operation = readOperation(schema, clientDocument, keepsDefer);
  const types = new TypeDependence(schema, refusals);
  const document = writePlannerDocument(operation, types);
  return {
    schema,
    document,
    text: document ? stripIgnoredCharacters(print(document)) : '',
    isEmpty: document === undefined,
    operation,
    clientDocument,
    types,
    refusals,
  };
}
