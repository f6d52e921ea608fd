import { createHash } from 'node:crypto';

import { CodedError } from '@tributary/errors';
import {
  GraphQLError,
  Kind,
  NoSchemaIntrospectionCustomRule,
  parse,
  separateOperations,
  SingleFieldSubscriptionsRule,
  specifiedRules,
  validate,
  type DocumentNode,
  type GraphQLSchema,
  type OperationDefinitionNode,
} from 'graphql';

import { OperationTooComplex } from '../errors/gateway-errors.ts';
import { deferRules } from './defer-rules.ts';
import { subscriptionRule } from './subscription-rule.ts';
import {
  defaultDocumentLimits,
  refuseLargeDocument,
  refuseLargeText,
  type DocumentLimits,
} from './limit-document.ts';

/** One operation of a document, as the engine runs it. */
export interface Operation {
  readonly type: 'query' | 'mutation' | 'subscription';
  /** `undefined` for an anonymous one. */
  readonly name: string | undefined;
  readonly node: OperationDefinitionNode;
  /** The operation and the fragments that it uses: those of others may use variables that this one does not declare. */
  readonly document: DocumentNode;
  /** The text that the client sent. */
  readonly text: string;
  /** SHA-256 of the text, in hexadecimal: what caches know the document by. */
  readonly hash: string;
}

/** A text that was parsed and validated: either its operations or what is wrong with it. */
export type PreparedDocument =
  | { readonly operations: readonly Operation[]; readonly errors?: undefined }
  | { readonly errors: readonly GraphQLError[]; readonly operations?: undefined };

export interface PrepareOptions {
  readonly schema: GraphQLSchema;
  /** Off: the schema is refused to a client, and so are suggestions of its names in messages. */
  readonly introspection: boolean;
  /** @default {@link defaultDocumentLimits} */
  readonly limits?: DocumentLimits;
}

/**
 * Parses and validates a document. What is wrong is a value and not thrown, so that it can be kept like a good one.
 *
 * @example prepareDocument('{ me { nme } }', options)
 * // { errors: ['Cannot query field "nme" on type "User". Did you mean "name"?'] }
 */
export function prepareDocument(
  text: string,
  { schema, introspection, limits = defaultDocumentLimits }: PrepareOptions,
): PreparedDocument {
  let document: DocumentNode;
  try {
    document = parseWithin(limits, text);
  } catch (error: unknown) {
    if (error instanceof CodedError) return { errors: [error] };
    if (error instanceof GraphQLError) return { errors: [withCode(error, 'GRAPHQL_PARSE_FAILED')] };
    throw error;
  }
  const errors = findMistakes(document, { schema, introspection });
  if (errors.length > 0) return { errors };
  return { operations: operationsOf(document, text) };
}

/** The operations of a document that fits the schema, each with the fragments that it uses. */
export function operationsOf(document: DocumentNode, text: string): readonly Operation[] {
  const hash = createHash('sha256').update(text).digest('hex');
  const separated = separateOperations(document);
  return document.definitions
    .filter((definition) => definition.kind === Kind.OPERATION_DEFINITION)
    .map((node) => ({
      type: node.operation,
      name: node.name?.value,
      node,
      document: separated[node.name?.value ?? ''] ?? document,
      text,
      hash,
    }));
}

const rules = [
  ...specifiedRules.filter((rule) => rule !== SingleFieldSubscriptionsRule),
  ...deferRules,
  subscriptionRule,
];

// What graphql-js says, alone, when comparing the fields of equal names took too many steps.
const gaveUp = 'Validation aborted.';

function findMistakes(
  document: DocumentNode,
  { schema, introspection }: PrepareOptions,
): readonly GraphQLError[] {
  const errors = validate(
    schema,
    document,
    introspection ? rules : [...rules, NoSchemaIntrospectionCustomRule],
    // "Did you mean" would give away a schema, name by name, to whoever is not allowed to ask for it.
    { hideSuggestions: !introspection },
  );
  return errors.map((error) =>
    error.message === gaveUp
      ? new OperationTooComplex(
          'Expected fewer fields of the same name beside each other, but got more than can be compared',
        )
      : withCode(error, 'GRAPHQL_VALIDATION_FAILED'),
  );
}

function parseWithin(limits: DocumentLimits, text: string): DocumentNode {
  refuseLargeText(text, limits);
  const document = parse(text);
  refuseLargeDocument(document, limits);
  return document;
}

/** graphql-js says what is wrong and where; the code says what kind of wrong it is. */
export const withCode = (error: GraphQLError, code: string): GraphQLError =>
  new GraphQLError(error.message, {
    ...(error.nodes && { nodes: error.nodes }),
    ...(error.source && { source: error.source }),
    ...(error.positions && { positions: error.positions }),
    extensions: { ...error.extensions, code },
  });
