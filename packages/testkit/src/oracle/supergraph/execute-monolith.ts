import {
  execute,
  type DocumentNode,
  type ExecutionResult,
  type GraphQLFieldResolver,
  type GraphQLSchema,
} from 'graphql';

import { wholeValue, type Run } from './resolve-field.ts';
import type { WorldNode } from './world.ts';

export interface MonolithRequest {
  readonly document: DocumentNode;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly operationName?: string | undefined;
}

/** Answers an operation from the data as if there were one schema and no subgraphs: by graphql-js alone. */
export async function executeMonolith(
  schema: GraphQLSchema,
  { document, variables, operationName }: MonolithRequest,
  run: Run,
): Promise<ExecutionResult> {
  return execute({
    schema,
    document,
    variableValues: variables,
    operationName,
    rootValue: undefined,
    contextValue: run,
    fieldResolver: resolve,
    typeResolver: (value) => (value as WorldNode).__typename,
  });
}

const resolve: GraphQLFieldResolver<WorldNode | undefined, Run> = (
  parent,
  args,
  run,
  { parentType, fieldName },
) => {
  const node = parent ?? { __typename: parentType.name, identity: parentType.name };
  const field = run.world.field(node.__typename, fieldName);
  if (!field) throw new Error(`Expected ${node.__typename} to have ${fieldName}, but it has not`);
  return wholeValue(run, node, field, args as Record<string, unknown>);
};
