import type { Dispatcher } from 'undici';

import { SubgraphUnavailable } from '../errors/gateway-errors.ts';
import type { SubgraphAnswer } from './subgraph-client.ts';

const jsonTypes = ['application/json', 'application/graphql-response+json'];

/**
 * Reads what a subgraph sent, and believes it only as far as its shape goes.
 *
 * @throws {SubgraphUnavailable} for anything that is not a GraphQL answer, whatever its status
 */
export async function readAnswer(
  subgraph: string,
  { statusCode, headers, body }: Dispatcher.ResponseData,
): Promise<SubgraphAnswer> {
  const mediaType = String(headers['content-type'] ?? '')
    .split(';')[0]
    ?.trim()
    .toLowerCase();
  if (!mediaType || !jsonTypes.includes(mediaType)) {
    await body.dump();
    throw new SubgraphUnavailable(
      subgraph,
      `answered with status ${statusCode} and ${mediaType || 'no content type'}, where JSON was expected`,
    );
  }
  const answer = parseJson(subgraph, await body.text());
  if (!isAnswer(answer)) {
    throw new SubgraphUnavailable(subgraph, `answered with status ${statusCode} and neither data nor errors`);
  }
  return answer;
}

function parseJson(subgraph: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new SubgraphUnavailable(subgraph, 'answered with something that is not JSON');
  }
}

function isAnswer(answer: unknown): answer is SubgraphAnswer {
  if (typeof answer !== 'object' || answer === null) return false;
  const { data, errors } = answer as { data?: unknown; errors?: unknown };
  const hasErrors = Array.isArray(errors) && errors.length > 0 && errors.every(isErrorLike);
  if (errors != null && !hasErrors && !(Array.isArray(errors) && errors.length === 0)) return false;
  if (data == null) return hasErrors;
  return typeof data === 'object' && !Array.isArray(data);
}

const isErrorLike = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && typeof (error as { message?: unknown }).message === 'string';
