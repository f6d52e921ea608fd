import { classifyError, errorKind, errorTable, maskError, type ErrorCode } from '@tributary/errors';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';

import { pickPublic } from './relay-error.ts';

export interface FormatOptions {
  readonly requestId: string;
  readonly isDevelopment: boolean;
}

/** An error as a client reads it (docs/errors.md), with what the log wants to know. */
export interface FormattedError {
  readonly code: ErrorCode;
  readonly formatted: GraphQLFormattedError;
}

/**
 * Gives an error its final form: masked when nobody foresaw it, with code, time and request id, and nothing of the
 * inside. Where it arose is shown in development only: a client must not learn that there are subgraphs.
 */
export function formatError(error: unknown, { requestId, isDevelopment }: FormatOptions): FormattedError {
  const graphQLError = error instanceof GraphQLError ? error : new GraphQLError(String(error));
  const masked = maskError(graphQLError.toJSON(), error, { isDevelopment });
  const { code } = classifyError(error);
  const serviceName = graphQLError.extensions['serviceName'];
  const isForeignFailure = serviceName !== undefined && errorKind(code).class === 'system';
  return {
    code,
    formatted: {
      message: isForeignFailure && !isDevelopment ? errorTable[code].meaning : masked.message,
      // A position in the text of our own request to a subgraph would be taken for one in the client's.
      ...(masked.locations && serviceName === undefined && { locations: masked.locations }),
      ...(masked.path && { path: masked.path }),
      extensions: {
        ...pickPublic(masked.extensions),
        timestamp: new Date().toISOString(),
        requestId,
        ...(isDevelopment && pickForDevelopers(masked.extensions, serviceName)),
      },
    },
  };
}

const pickForDevelopers = (extensions: Readonly<Record<string, unknown>> = {}, serviceName: unknown) => ({
  ...(serviceName !== undefined && { serviceName }),
  ...(extensions['debug'] !== undefined && { debug: extensions['debug'] }),
});
