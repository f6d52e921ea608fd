import {
  getOperationAST,
  GraphQLError,
  type DocumentNode,
  type ExecutionResult,
  type GraphQLSchema,
  type OperationDefinitionNode,
} from 'graphql';
import { compileQuery, isCompiledQuery, type CompiledQuery } from 'graphql-jit';
import { LRUCache } from 'lru-cache';

import { hasCompilableTypes, isCompilable } from './compilable.ts';
import type { ExecutableOperation, Executor } from './executor.ts';
import { settleItems } from './settle-items.ts';

/** Compiling costs as much as some hundred requests: what comes once is not worth it. */
const timesBefore = 3;

/** Each program is a few hundred kilobytes at the most. */
const maxPrograms = 500;

type RunProgram = CompiledQuery['query'];

/** An operation that was seen: how often, and what became of it. */
interface Candidate {
  timesSeen: number;
  run?: RunProgram | undefined;
}

/**
 * Makes an executor that compiles operations which come again with graphql-jit, where that gives what graphql-js gives;
 * all others are interpreted. Programs are found by the operation's node, which Apollo Server keeps for a text.
 */
export function createCompiledExecutor(schema: GraphQLSchema, interpret: Executor): Executor {
  if (!hasCompilableTypes(schema)) return interpret;
  settleItems(schema);
  const candidates = new LRUCache<OperationDefinitionNode, Candidate>({ max: maxPrograms });
  return (request) => {
    const operation = getOperationAST(request.document, request.operationName);
    const run = operation && programOf(operation, request.document);
    return run ? runProgram(run, request, interpret) : interpret(request);
  };

  function programOf(operation: OperationDefinitionNode, document: DocumentNode): RunProgram | undefined {
    const known = candidates.get(operation);
    const candidate = known ?? { timesSeen: 0 };
    if (!known) candidates.set(operation, candidate);
    candidate.timesSeen += 1;
    if (candidate.timesSeen === timesBefore) candidate.run = compile(schema, document, operation);
    return candidate.run;
  }
}

function compile(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
): RunProgram | undefined {
  if (!isCompilable(schema, document, operation)) return undefined;
  // Stacks of errors that carry none of ours lead into the program only.
  const compiled = compileQuery(schema, document, operation.name?.value, {
    disablingCapturingStackErrors: true,
  });
  return isCompiledQuery(compiled) ? compiled.query : undefined;
}

function runProgram(run: RunProgram, request: ExecutableOperation, interpret: Executor) {
  const result = run(undefined, request.context, request.variables ?? {});
  return result instanceof Promise
    ? result.then((settled) => finish(settled, request, interpret))
    : finish(result, request, interpret);
}

function finish(result: ExecutionResult, request: ExecutableOperation, interpret: Executor) {
  const { data, errors } = result;
  // Wrong variables: no resolver was called yet, and graphql-js says better what is wrong.
  if (data === undefined) return interpret(request);
  return errors ? { errors: errors.map((error) => completed(error, request.document)), data } : { data };
}

/** The library's errors look like those of graphql-js and miss some of their parts. */
function completed({ message, path, locations, originalError }: GraphQLError, document: DocumentNode) {
  const source = document.loc?.source;
  return new GraphQLError(message, {
    path,
    originalError,
    ...(source && {
      source,
      positions: locations?.map(({ line, column }) => positionOf(source.body, line, column)),
    }),
  });
}

function positionOf(text: string, line: number, column: number): number {
  const before = text.split(/\r\n|[\n\r]/).slice(0, line - 1);
  return before.reduce((sum, { length }) => sum + length + 1, 0) + column - 1;
}
