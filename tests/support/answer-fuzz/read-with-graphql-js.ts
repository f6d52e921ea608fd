import { executeSync, type DocumentNode, type GraphQLObjectType, type GraphQLSchema } from 'graphql';

import type { Refusals } from '../../../gateway/src/engine/answer/refusals.ts';
import { isFieldRefused, isTypeRefused } from '../../../gateway/src/engine/answer/refusals.ts';
import type { Model, Modelled, ModelledObject } from './model.ts';

export interface Reading {
  readonly schema: GraphQLSchema;
  readonly document: DocumentNode;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly model: Model;
  readonly refusals: Refusals;
}

export const rootOf = (schema: GraphQLSchema): ModelledObject => ({
  kind: 'object',
  typeName: schema.getQueryType()?.name ?? '',
  id: 'root',
});

/** What graphql-js itself answers to the client's own document. */
export function readWithGraphqlJs({ schema, document, variables, model, refusals }: Reading) {
  const resolved = (value: Modelled): unknown => {
    if (value.kind === 'list') return value.items.map(resolved);
    if (value.kind === 'leaf') return value.json;
    if (value.kind === 'null') return null;
    if (value.kind !== 'object') return new Error(value.kind);
    const type = schema.getType(value.typeName) as GraphQLObjectType;
    return isTypeRefused(refusals, type) ? new Error('refused') : value;
  };
  return executeSync({
    schema,
    document,
    rootValue: rootOf(schema),
    variableValues: variables,
    typeResolver: (value) => (value as ModelledObject).typeName,
    fieldResolver: (source, args, _context, { fieldName, parentType }) => {
      const field = parentType.getFields()[fieldName];
      if (field && isFieldRefused(refusals, parentType, field)) return new Error('refused');
      return resolved(model.field(source as ModelledObject, fieldName, JSON.stringify(args)));
    },
  });
}
