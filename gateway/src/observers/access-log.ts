import type { IncomingMessage } from 'node:http';

import { redactQuery, redactVariables, type Logger } from '@tributary/telemetry';

import type { Outcome, Written } from '../pipeline/stages.ts';

/** Told of every answered request; cannot change it. */
export type RequestObserver = (observed: Outcome & Written & { readonly durationMs: number }) => void;

/** One line per request; the text and the variables of the operation, without secrets, at level debug only. */
export const createAccessLog =
  (logger: Logger): RequestObserver =>
  ({ exchange, reached, status, codes, durationMs }) => {
    const { principal, operation, params } = reached;
    logger.info(
      {
        status,
        durationMs: Math.round(durationMs * 100) / 100,
        ...(operation && { operation: { type: operation.type, name: operation.name } }),
        ...(principal?.sub !== undefined && { user: { id: principal.sub, roles: principal.roles } }),
        client: clientOf(exchange.request),
        ...(codes.length > 0 && { errors: [...new Set(codes)] }),
        // A document that is not valid cannot be redacted: where its strings end is anybody's guess.
        ...(operation &&
          params &&
          logger.isLevelEnabled('debug') && {
            query: redactQuery(params.query),
            variables: redactVariables(params.variables),
          }),
      },
      'request',
    );
  };

const clientOf = ({ headers, socket }: IncomingMessage) => ({
  ip: socket.remoteAddress,
  userAgent: headers['user-agent'],
  name: headers['apollographql-client-name'] ?? headers['graphql-client-name'],
  version: headers['apollographql-client-version'] ?? headers['graphql-client-version'],
});
