import { OperationNotFound } from '../errors/gateway-errors.ts';
import type { Operation } from './prepare-document.ts';

/**
 * Finds the operation that a request means.
 *
 * @throws {OperationNotFound} with the names that there are
 */
export function selectOperation(
  operations: readonly Operation[],
  operationName: string | null | undefined,
): Operation {
  if (operationName != null && operationName !== '') {
    const named = operations.find(({ name }) => name === operationName);
    if (named) return named;
    throw new OperationNotFound(
      `Expected an operation named "${operationName}", but the document has ${listNames(operations)}`,
    );
  }
  const [only, ...others] = operations;
  if (only && others.length === 0) return only;
  throw new OperationNotFound(
    only
      ? `Expected operationName to say which operation to run, but the document has ${listNames(operations)}`
      : 'Expected a document with an operation, but got only fragments',
  );
}

const listNames = (operations: readonly Operation[]): string =>
  operations.map(({ name }) => (name === undefined ? 'an anonymous one' : `"${name}"`)).join(', ') || 'none';
