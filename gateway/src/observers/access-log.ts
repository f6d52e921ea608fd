import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';

import { createLineWriter, redactQuery, redactVariables, type Logger } from '@tributary/telemetry';

import { clientInfoOf, type ClientInfo } from '../http/client-info.ts';
import { onceForEach } from '../once-for-each.ts';
import type { Operation } from '../operations/prepare-document.ts';
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
  if (operation) members += operationMember(operation);
  if (principal?.sub !== undefined)
    members += `,"user":${JSON.stringify({ id: principal.sub, roles: principal.roles })}`;
  members +=
    'request' in exchange ? clientMember(exchange.request) : `,"client":${JSON.stringify(exchange.client)}`;
  if (codes.length > 0) members += `,"errors":${JSON.stringify([...new Set(codes)])}`;
  return members;
}

const operationMember = onceForEach(
  ({ type, name }: Operation) => `,"operation":${JSON.stringify({ type, name })}`,
);

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

const lastClients = new WeakMap<Socket, { readonly client: ClientInfo; readonly text: string }>();

/** Mostly what it was for the request before on the same connection. */
function clientMember(request: IncomingMessage): string {
  const client = clientInfoOf(request);
  const last = lastClients.get(request.socket);
  if (last && isSame(last.client, client)) return last.text;
  const text = `,"client":${JSON.stringify(client)}`;
  lastClients.set(request.socket, { client, text });
  return text;
}

const isSame = (client: ClientInfo, other: ClientInfo): boolean =>
  client.userAgent === other.userAgent && client.name === other.name && client.version === other.version;
