import { execute, type DocumentNode, type ExecutionResult, type GraphQLSchema } from 'graphql';

import { createCompiledExecutor } from './compiled-executor.ts';

export const executionModes = ['interpreted', 'compiled'] as const;

/** `compiled` turns operations that come again into functions of their own. */
export type ExecutionMode = (typeof executionModes)[number];

/** An operation that was parsed and validated. */
export interface ExecutableOperation {
  readonly document: DocumentNode;
  /** Absent when the document has one operation. */
  readonly operationName: string | undefined;
  readonly variables: Readonly<Record<string, unknown>> | undefined;
  readonly context: unknown;
}

/** Runs operations on one schema. */
export type Executor = (operation: ExecutableOperation) => ExecutionResult | Promise<ExecutionResult>;

export const createExecutor = (schema: GraphQLSchema, mode: ExecutionMode): Executor =>
  mode === 'compiled' ? createCompiledExecutor(schema, interpreter(schema)) : interpreter(schema);

/** Walks the document anew for each request: graphql-js as it is. */
const interpreter =
  (schema: GraphQLSchema): Executor =>
  ({ document, operationName, variables, context }) =>
    execute({ schema, document, operationName, variableValues: variables, contextValue: context });
