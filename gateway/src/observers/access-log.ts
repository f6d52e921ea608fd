import type { IncomingMessage } from 'node:http';

import { createLineWriter, redactQuery, redactVariables, type Logger } from '@tributary/telemetry';

import type { Outcome, RemoteCall, StageTimes, Written } from '../pipeline/stages.ts';

/** What is known of an answered request. */
export type ObservedRequest = Omit<Outcome, 'exchange'> &
  Written &
  StageTimes & { readonly exchange: Outcome['exchange'] | RemoteCall; readonly durationMs: number };

/** Told of every answered request; cannot change it. */
export type RequestObserver = (observed: ObservedRequest) => void;

/** One line per request; the text and the variables of the operation, without secrets, at level debug only. */
export const createAccessLog = (logger: Logger): RequestObserver => {
  const write = createLineWriter(logger, 'request');
  return (observed) => {
    if (logger.isLevelEnabled('debug')) logger.info(withDocument(observed), 'request');
    else write(membersOf(observed));
  };
};

/** JSON, member by member: written with every request, and each name in it is known here. */
function membersOf({ exchange, reached, status, codes, durationMs }: ObservedRequest): string {
  const { principal, operation } = reached;
  let members = `"status":${status},"durationMs":${rounded(durationMs)}`;
  if (operation) members += `,"operation":${JSON.stringify({ type: operation.type, name: operation.name })}`;
  if (principal?.sub !== undefined)
    members += `,"user":${JSON.stringify({ id: principal.sub, roles: principal.roles })}`;
  members += `,"client":${JSON.stringify('request' in exchange ? clientOf(exchange.request) : exchange.client)}`;
  if (codes.length > 0) members += `,"errors":${JSON.stringify([...new Set(codes)])}`;
  return members;
}

const withDocument = (observed: ObservedRequest): object => {
  const { operation, params } = observed.reached;
  return {
    ...(JSON.parse(`{${membersOf(observed)}}`) as object),
    // A document that is not valid cannot be redacted: where its strings end is anybody's guess.
    ...(operation &&
      params && {
        query: redactQuery(params.query),
        variables: redactVariables(params.variables),
      }),
  };
};

const rounded = (ms: number): number => Math.round(ms * 100) / 100;

const clientOf = ({ headers, socket }: IncomingMessage) => ({
  ip: socket.remoteAddress,
  userAgent: headers['user-agent'],
  name: headers['apollographql-client-name'] ?? headers['graphql-client-name'],
  version: headers['apollographql-client-version'] ?? headers['graphql-client-version'],
});
