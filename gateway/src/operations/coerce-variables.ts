import { getVariableValues, type GraphQLError, type GraphQLSchema } from 'graphql';

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

/**
 * Checks the variables of a request against their declared types.
 *
 * @throws {RequestErrors} BAD_USER_INPUT, one per wrong value
 */
export function refuseWrongVariables(
  operation: Operation,
  variables: Readonly<Record<string, unknown>>,
  { schema, introspection }: { readonly schema: GraphQLSchema; readonly introspection: boolean },
): void {
  const definitions = operation.node.variableDefinitions ?? [];
  if (definitions.length === 0) return;
  const { errors } = getVariableValues(schema, definitions, variables, {
    maxErrors,
    hideSuggestions: !introspection,
  });
  if (errors) throw new RequestErrors(errors.map((error) => withCode(error, 'BAD_USER_INPUT')));
}
