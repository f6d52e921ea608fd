import { ApolloServer, type ApolloServerOptions, type ApolloServerPlugin } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginSchemaReportingDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled';
import { maskError } from '@tributary/errors';
import type { Logger } from '@tributary/telemetry';
import { printSchema, type GraphQLSchema, type OperationDefinitionNode } from 'graphql';

import { cacheControlOf, notCacheable } from '../execution/cache-control.ts';
import { createExecutor, type ExecutionMode, type Executor } from '../execution/executor.ts';
import type { ErrorReporter } from './error-reporter.ts';
import { toApolloRequest, withContentType, type HttpAnswer, type HttpRequest } from './http-messages.ts';

export interface GraphQLServerOptions {
  readonly isProduction: boolean;
  readonly hasIntrospection: boolean;
  readonly execution: ExecutionMode;
  readonly errors: ErrorReporter;
  /** For what Apollo Server has to say itself. */
  readonly logger: Logger;
}

/** Apollo Server without a listener of its own. */
export interface GraphQLServer<Context> {
  execute(request: HttpRequest, context: Context): Promise<HttpAnswer>;
  stop(): Promise<void>;
}

/** What Apollo Server takes for the context: it copies it for each request, which ours does not bear. */
interface ContextCarrier {
  readonly context: object;
}

/**
 * Starts Apollo Server over a schema: errors masked and reported, nothing sent anywhere, nothing served but answers.
 * What its default plugins would do for each field of each request is off, or done once for each document.
 */
export async function startGraphQLServer<Context extends object>(
  schema: GraphQLSchema,
  options: GraphQLServerOptions,
): Promise<GraphQLServer<Context>> {
  const { isProduction, hasIntrospection, errors, logger } = options;
  const server = new ApolloServer<ContextCarrier>({
    gateway: asGateway(schema, createExecutor(schema, options.execution)),
    introspection: hasIntrospection,
    includeStacktraceInErrorResponses: false,
    formatError: (formatted, error) => maskError(formatted, error, { isDevelopment: !isProduction }),
    plugins: [
      reportErrors(errors),
      sayHowLong(schema),
      ApolloServerPluginCacheControlDisabled(),
      ApolloServerPluginInlineTraceDisabled(),
      ApolloServerPluginLandingPageDisabled(),
      // They would start by themselves where somebody has set APOLLO_KEY for another tool.
      ApolloServerPluginSchemaReportingDisabled(),
      ApolloServerPluginUsageReportingDisabled(),
    ],
    logger,
    stringifyResult: (answer) => JSON.stringify(answer),
    // The gateway is the only client: it sends whole documents, and stopping is ours to order.
    persistedQueries: false,
    stopOnTerminationSignals: false,
    nodeEnv: isProduction ? 'production' : 'development',
  });
  await server.start();
  return {
    execute: async (request, context) => {
      const carrier: ContextCarrier = { context: isProduction ? context : readOnlyView(context) };
      const answer = await server.executeHTTPGraphQLRequest({
        httpGraphQLRequest: toApolloRequest(request),
        context: async () => carrier,
      });
      return withContentType(answer, request);
    },
    stop: () => server.stop(),
  };
}

/**
 * The place where Apollo Server lets somebody else execute what it has parsed, validated and kept: with a schema it
 * would look for incremental delivery in each request, and copy the context.
 */
const asGateway = (
  schema: GraphQLSchema,
  execute: Executor,
): NonNullable<ApolloServerOptions<ContextCarrier>['gateway']> => {
  let announce: (loaded: { apiSchema: GraphQLSchema; coreSupergraphSdl: string }) => void = () => {};
  return {
    onSchemaLoadOrUpdate: (callback) => {
      announce = callback;
      return () => {};
    },
    load: async () => {
      announce({ apiSchema: schema, coreSupergraphSdl: printSchema(schema) });
      return {
        executor: async ({ document, request, context }) =>
          execute({
            document,
            operationName: request.operationName,
            variables: request.variables,
            context: (context as ContextCarrier).context,
          }),
      };
    },
    stop: async () => {},
  };
};

/** A frozen context refuses to be changed; in development it also says what to do instead. */
const readOnlyView = <Context extends object>(context: Context): Context =>
  new Proxy(context, {
    set: (_context, name) => {
      throw new TypeError(
        `Expected resolvers to leave the context as it is, but one assigned "${String(name)}": use "extensions"`,
      );
    },
  });

function reportErrors(reporter: ErrorReporter): ApolloServerPlugin {
  const listener = {
    didEncounterErrors: async ({ errors }: { readonly errors: readonly unknown[] }) =>
      reporter.report(...errors),
  };
  return {
    invalidRequestWasReceived: async ({ error }) => reporter.report(error),
    unexpectedErrorProcessingRequest: async ({ error }) => reporter.report(error),
    requestDidStart: async () => listener,
  };
}

/** Sets `Cache-Control`, worked out once for an operation that Apollo Server keeps. */
function sayHowLong(schema: GraphQLSchema): ApolloServerPlugin {
  const known = new WeakMap<OperationDefinitionNode, string>();
  const listener: Awaited<ReturnType<NonNullable<ApolloServerPlugin['requestDidStart']>>> = {
    willSendResponse: async ({ document, operation, response, errors }) => {
      let header = operation && !errors ? known.get(operation) : notCacheable;
      if (header === undefined && document && operation) {
        header = cacheControlOf(schema, document, operation);
        known.set(operation, header);
      }
      response.http.headers.set('cache-control', header ?? notCacheable);
    },
  };
  return { requestDidStart: async () => listener };
}
