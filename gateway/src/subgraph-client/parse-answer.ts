import type { GraphQLFormattedError } from 'graphql';

import { SubgraphUnavailable } from '../errors/gateway-errors.ts';
import type { SubgraphAnswer } from './subgraph-request.ts';

// Nobody reads more of them, and each costs an error object with a stack.
const maxErrors = 1000;

/**
 * Reads what a subgraph sent, and believes it only as far as its shape goes. What hangs on a good answer in a wrong
 * shape (a path, extensions) is left out.
 *
 * @throws {SubgraphUnavailable} for anything that is not a GraphQL answer, whatever its status
 */
export function parseAnswer(subgraph: string, status: number, text: string): SubgraphAnswer {
  const answer = parseJson(subgraph, text);
  if (!isObject(answer)) throw notAnAnswer(subgraph, status);
  const { data = null, errors, extensions } = answer;
  if (data !== null && !isObject(data)) throw notAnAnswer(subgraph, status);
  // The usual answer has nothing else, and is what was parsed.
  if (errors === undefined && extensions === undefined && data !== null) return answer;
  const read = errors == null ? [] : readErrors(errors);
  if (read === undefined || (data === null && read.length === 0)) throw notAnAnswer(subgraph, status);
  return { data, ...(read.length > 0 && { errors: read }), ...(isObject(extensions) && { extensions }) };
}

function parseJson(subgraph: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new SubgraphUnavailable(subgraph, 'answered with something that is not JSON');
  }
}

const notAnAnswer = (subgraph: string, status: number) =>
  new SubgraphUnavailable(subgraph, `answered with status ${status} and neither data nor errors`);

/** `undefined` when these are no errors. */
function readErrors(errors: unknown): readonly GraphQLFormattedError[] | undefined {
  if (!Array.isArray(errors)) return undefined;
  const some: readonly unknown[] = errors.slice(0, maxErrors);
  return some.every(isErrorLike) ? some.map(readError) : undefined;
}

interface ErrorLike {
  readonly message: string;
  readonly path?: unknown;
  readonly extensions?: unknown;
}

const isErrorLike = (error: unknown): error is ErrorLike =>
  isObject(error) && typeof error['message'] === 'string';

const readError = ({ message, path, extensions }: ErrorLike): GraphQLFormattedError => ({
  message,
  ...(isPath(path) && { path }),
  ...(isObject(extensions) && { extensions }),
});

const isPath = (path: unknown): path is readonly (string | number)[] =>
  Array.isArray(path) && path.every((step) => typeof step === 'string' || Number.isSafeInteger(step));

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
