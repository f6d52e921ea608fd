import { BadRequest } from '../errors/gateway-errors.ts';
import type { GraphQLParams } from '../pipeline/stages.ts';
import type { Resume } from './subscriptions.ts';

/**
 * Reads the parameters of an operation out of whatever a client sent.
 *
 * @throws {BadRequest} that says what was expected
 */
export function readParams(params: unknown): GraphQLParams {
  if (!isObject(params)) throw new BadRequest('Expected the operation to be a JSON object with "query"');
  const { query, operationName, variables, extensions } = params;
  if (typeof query !== 'string') throw new BadRequest('Expected "query" to be a GraphQL document');
  if (operationName != null && typeof operationName !== 'string') {
    throw new BadRequest('Expected "operationName" to be a string, but got something else');
  }
  return {
    query,
    operationName,
    variables: readObject('variables', variables),
    extensions: readObject('extensions', extensions),
  };
}

/**
 * Reads where a client wants to go on: `extensions.resume.after`; without `after` it asks where it begins.
 *
 * @throws {BadRequest} for a cursor that is no text
 */
export function readResume({ extensions }: Pick<GraphQLParams, 'extensions'>): Resume | undefined {
  const { resume } = extensions;
  if (resume === undefined || resume === null) return undefined;
  const after = isObject(resume) ? (resume['after'] ?? undefined) : resume;
  if (after === undefined || typeof after === 'string') return { after };
  throw new BadRequest(
    'Expected "extensions.resume.after" to be the cursor of an event, but got something else',
  );
}

function readObject(name: string, value: unknown): Readonly<Record<string, unknown>> {
  if (value === undefined || value === null) return {};
  if (isObject(value)) return value;
  throw new BadRequest(`Expected "${name}" to be an object, but got something else`);
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
