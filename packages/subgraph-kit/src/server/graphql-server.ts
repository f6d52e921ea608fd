import {
  ApolloServer,
  HeaderMap,
  type ApolloServerPlugin,
  type BaseContext,
  type HTTPGraphQLResponse,
} from '@apollo/server';
import {
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled';
import { maskError } from '@tributary/errors';
import type { Logger } from '@tributary/telemetry';
import type { GraphQLSchema } from 'graphql';

import type { ErrorReporter } from './error-reporter.ts';

export interface GraphQLServerOptions {
  readonly isProduction: boolean;
  readonly hasIntrospection: boolean;
  readonly errors: ErrorReporter;
  /** For what Apollo Server has to say itself. */
  readonly logger: Logger;
}

/** One GraphQL request as it came over HTTP. */
export interface HttpGraphQLRequest<Context> {
  readonly method: string;
  readonly headers: Iterable<[string, string]>;
  readonly search: string;
  readonly body: unknown;
  readonly context: Context;
}

/** Apollo Server without a listener of its own. */
export interface GraphQLServer<Context> {
  execute(request: HttpGraphQLRequest<Context>): Promise<HTTPGraphQLResponse>;
  stop(): Promise<void>;
}

/** Starts Apollo Server over a schema: errors masked and reported, nothing sent anywhere, nothing served but answers. */
export async function startGraphQLServer<Context extends BaseContext>(
  schema: GraphQLSchema,
  { isProduction, hasIntrospection, errors, logger }: GraphQLServerOptions,
): Promise<GraphQLServer<Context>> {
  const server = new ApolloServer<Context>({
    schema,
    introspection: hasIntrospection,
    includeStacktraceInErrorResponses: false,
    formatError: (formatted, error) => maskError(formatted, error, { isDevelopment: !isProduction }),
    plugins: [
      reportErrors(errors),
      ApolloServerPluginInlineTraceDisabled(),
      ApolloServerPluginLandingPageDisabled(),
      // It would start by itself where somebody has set APOLLO_KEY for another tool.
      ApolloServerPluginUsageReportingDisabled(),
    ],
    logger,
    // The gateway is the only client: it sends whole documents, and stopping is ours to order.
    persistedQueries: false,
    stopOnTerminationSignals: false,
    nodeEnv: isProduction ? 'production' : 'development',
  });
  await server.start();
  return {
    execute: ({ method, headers, search, body, context }) =>
      server.executeHTTPGraphQLRequest({
        httpGraphQLRequest: { method, headers: new HeaderMap(headers), search, body },
        context: async () => readOnlyView(context),
      }),
    stop: () => server.stop(),
  };
}

/**
 * A view of a context that Apollo Server may copy and mark with symbols of its own, and that resolvers cannot change:
 * it has no own properties, so getters stay getters, and what is assigned to it is refused by its prototype.
 */
const readOnlyView = <Context extends object>(context: Context): Context =>
  Object.create(
    new Proxy(context, {
      set: (_context, name) => {
        throw new TypeError(
          `Expected resolvers to leave the context as it is, but one assigned "${String(name)}": use "extensions"`,
        );
      },
    }),
  );

function reportErrors(reporter: ErrorReporter): ApolloServerPlugin {
  return {
    invalidRequestWasReceived: async ({ error }) => reporter.report(error),
    unexpectedErrorProcessingRequest: async ({ error }) => reporter.report(error),
    requestDidStart: async () => ({
      didEncounterErrors: async ({ errors }) => reporter.report(...errors),
    }),
  };
}
