import type { GraphQLDataSource } from '@apollo/gateway';
import { CodedError } from '@tributary/errors';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';

import type { SubgraphFetcher } from '../engine/engine.ts';
import { SubgraphUnavailable } from '../errors/gateway-errors.ts';
import { relayError } from '../errors/relay-error.ts';
import type { FetchContext, SubgraphAddress, SubgraphAnswer } from '../subgraph-client/subgraph-client.ts';
import { ownedPaths } from './owned-paths.ts';

type ProcessOptions = Parameters<GraphQLDataSource<FetchContext & Record<string, unknown>>['process']>[0];

/**
 * Lets the stock engine send its fetches through our client. A fetch that fails is answered with an error for each
 * field that it would have filled: stock gives a failed fetch no path at all.
 */
export function createDataSource(
  subgraph: SubgraphAddress,
  client: SubgraphFetcher,
): GraphQLDataSource<FetchContext & Record<string, unknown>> {
  const process = async ({ request, context }: ProcessOptions) => {
    const { query = '', variables, operationName } = request;
    const pathsOf = (error: { readonly path?: readonly (string | number)[] | undefined }) =>
      spread(error.path, () => ownedPaths(query, variables?.['representations']));
    try {
      const answer = await client.fetch(
        subgraph,
        // Stock does not know what an answer depends on, so every fetch tells who asks.
        {
          body: JSON.stringify({ query, variables, operationName }),
          operationType: query.trimStart().startsWith('mutation') ? 'mutation' : 'query',
          carriesIdentity: true,
        },
        context as FetchContext,
      );
      const data = checkEntities(answer, variables?.['representations'], subgraph.name);
      return { data, ...relayErrors(answer, subgraph.name, pathsOf) };
    } catch (error: unknown) {
      if (!(error instanceof CodedError)) throw error;
      return { data: null, errors: pathsOf({}).map((path) => placeAt(path, error, subgraph.name)) };
    }
  };
  // The stock types want errors as plain objects; instances keep the cause for the log.
  return { process: process as GraphQLDataSource<FetchContext & Record<string, unknown>>['process'] };
}

/**
 * An answer about entities has one for each that was asked for, or the fetch has failed.
 *
 * @throws {SubgraphUnavailable}
 */
function checkEntities(
  { data = null, errors }: SubgraphAnswer,
  representations: readonly unknown[] | undefined,
  subgraph: string,
): SubgraphAnswer['data'] {
  if (!representations || data === null) return data;
  const entities = data['_entities'];
  if (entities == null && errors) return null;
  const isWhole = Array.isArray(entities) && entities.length === representations.length;
  if (isWhole && entities.every((entity) => typeof entity === 'object' && !Array.isArray(entity)))
    return data;
  throw new SubgraphUnavailable(subgraph, `was asked for ${representations.length} entities and sent others`);
}

function relayErrors(
  { errors = [], data }: SubgraphAnswer,
  serviceName: string,
  pathsOf: (error: GraphQLFormattedError) => readonly (readonly (string | number)[] | undefined)[],
): { errors?: readonly GraphQLError[] } {
  if (errors.length === 0) return {};
  return {
    errors: errors.flatMap((error) => {
      // With data beside it, an error without a path belongs to nothing that we could name.
      const paths = error.path || data == null ? pathsOf(error) : [undefined];
      return paths.map((path) => relayError({ ...error, ...(path && { path }) }, serviceName));
    }),
  };
}

/** An error of a whole fetch, or of a whole entity, belongs to the fields that are missing because of it. */
function spread(
  path: readonly (string | number)[] | undefined,
  owned: () => readonly (readonly (string | number)[])[],
): readonly (readonly (string | number)[])[] {
  if (path && (path[0] !== '_entities' || path.length > 2)) return [path];
  const index = path?.[1];
  const paths = owned().filter((candidate) => index === undefined || candidate[1] === index);
  // A fetch for nothing but __typename owns no field; its failure must be told all the same.
  return paths.length > 0 ? paths : [[]];
}

const placeAt = (path: readonly (string | number)[], error: CodedError, serviceName: string): GraphQLError =>
  new GraphQLError(error.message, {
    path,
    originalError: error,
    extensions: { ...error.extensions, serviceName },
  });
