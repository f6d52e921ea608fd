import { getVariableValues, type GraphQLError, type GraphQLSchema } from 'graphql';

import { BadUserInput } from '../errors/gateway-errors.ts';
import { withCode, type Operation } from './prepare-document.ts';

/** Several things that are wrong at once; each becomes an error of the answer. */
export class RequestErrors extends Error {
  readonly errors: readonly GraphQLError[];

  constructor(errors: readonly GraphQLError[]) {
    super(errors.map(({ message }) => message).join('; '));
    this.name = 'RequestErrors';
    this.errors = errors;
  }
}

const maxErrors = 20;

// Far more than any input type nests. Coercing and serializing call themselves for every level.
const maxVariableDepth = 100;

const none: Readonly<Record<string, unknown>> = Object.freeze({});

/**
 * Makes values of their declared types of the variables of a request; defaults stand for what was left out.
 *
 * @throws {RequestErrors} BAD_USER_INPUT, one per wrong value
 * @throws {BadUserInput} for values within values without end
 */
export function coerceVariables(
  operation: Operation,
  variables: Readonly<Record<string, unknown>>,
  { schema, introspection }: { readonly schema: GraphQLSchema; readonly introspection: boolean },
): Readonly<Record<string, unknown>> {
  const definitions = operation.node.variableDefinitions ?? [];
  if (definitions.length === 0) return none;
  for (const { variable } of definitions) {
    const name = variable.name.value;
    if (!isDeeperThan(maxVariableDepth, variables[name])) continue;
    throw new BadUserInput(
      `Expected variable "$${name}" to be nested at most ${maxVariableDepth} levels deep, but it is deeper`,
    );
  }
  const { errors, coerced } = getVariableValues(schema, definitions, variables, {
    maxErrors,
    hideSuggestions: !introspection,
  });
  if (errors) throw new RequestErrors(errors.map((error) => withCode(error, 'BAD_USER_INPUT')));
  return coerced;
}

/** Level by level and not by calling itself, since what it is there to find is too deep for that. */
function isDeeperThan(levels: number, value: unknown): boolean {
  let level = [value].filter(isNested);
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth >= levels) return true;
    level = level.flatMap((nested) => Object.values(nested)).filter(isNested);
  }
  return false;
}

const isNested = (value: unknown): value is object => typeof value === 'object' && value !== null;
