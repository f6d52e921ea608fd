import { GraphQLError } from 'graphql';

/**
 * An error of a subgraph as the subgraph said it, at the place where the engine put it. Behind our own door a client
 * reads only what the error table knows; here Apollo Server's `formatError` decides, as it does with stock.
 */
export function asTheSubgraphSaid(error: GraphQLError): GraphQLError {
  const { originalError, extensions } = error;
  const { serviceName } = extensions;
  // Errors of our own, such as that of a fetch that failed, carry a GraphQLError or nothing at all.
  if (serviceName === undefined || !originalError || originalError instanceof GraphQLError) return error;
  return new GraphQLError(originalError.message, {
    ...(error.path && { path: error.path }),
    originalError,
    extensions: {
      code: 'DOWNSTREAM_SERVICE_ERROR',
      ...withoutHttp(originalError.cause),
      serviceName,
    },
  });
}

/** What a subgraph says about HTTP is about its answer to us; Apollo Server would take it for the answer to the client. */
function withoutHttp(extensions: unknown): Record<string, unknown> {
  const { http: _, ...others } = (extensions ?? {}) as Record<string, unknown>;
  return others;
}
