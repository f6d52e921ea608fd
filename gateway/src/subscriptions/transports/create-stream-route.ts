import type { IncomingMessage, ServerResponse } from 'node:http';

import { RateLimited, ServiceUnavailable } from '../../errors/gateway-errors.ts';
import { clientInfoOf } from '../../http/client-info.ts';
import { pickForwarded } from '../../http/forwarded-headers.ts';
import { httpHintOf, statusOfRefusal } from '../../http/http-status.ts';
import {
  acceptableIncrementalSpec,
  acceptableMediaType,
  acceptableStream,
  type StreamKind,
} from '../../http/media-type.ts';
import type { BodyLimits } from '../../http/read-body.ts';
import { traceparentOf } from '../../http/traceparent.ts';
import type { CallerVerifier } from '../../identity/caller-verifier.ts';
import { readGraphQLParams } from '../../pipeline/accept.ts';
import type { GraphQLParams } from '../../pipeline/stages.ts';
import { sendJson } from '../../server.ts';
import type { RefusalReason } from '../connections/connections.ts';
import type { RunOperation } from '../operation-request.ts';
import { multipartFormat } from './multipart/multipart-format.ts';
import { sseFormat } from './sse/sse-format.ts';
import { StreamConnection, type StreamContext } from './stream-connection.ts';

export interface StreamRouteOptions extends StreamContext, BodyLimits {
  readonly run: RunOperation;
  readonly verifyToken: CallerVerifier;
  readonly forwardedHeaders: readonly string[];
  readonly trustedProxies: number;
}

/**
 * Answers by a stream where the client asks for one; resolves when the operation runs or was refused. For a request that
 * may as well be answered by JSON, and is no subscription, it gives back the parameters that it had to read. `undefined`
 * for all others.
 */
export type StreamRoute = (
  request: IncomingMessage,
  response: ServerResponse,
  requestId: string,
) => Promise<'answered' | ReadRequest> | undefined;

export interface ReadRequest {
  readonly params: Promise<GraphQLParams>;
}

interface StreamRequest {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly requestId: string;
  readonly kind: StreamKind;
  readonly params: Promise<GraphQLParams>;
}

const formats = { sse: sseFormat, multipart: multipartFormat };

/**
 * Operations over HTTP responses that stay open. What is wrong with the request itself is told by its status; what is
 * wrong with the operation is told in the stream, which is where clients of these protocols look.
 */
export function createStreamRoute(options: StreamRouteOptions): StreamRoute {
  const { connections, run, verifyToken, forwardedHeaders, trustedProxies } = options;

  const open = async ({ request, response, requestId, kind, params }: StreamRequest): Promise<void> => {
    const client = clientInfoOf(request, trustedProxies);
    const admitted = await connections.admit(client);
    if ('refused' in admitted) throw refusals[admitted.refused];
    // It left while others were asked: its end has been told already, and nobody would give its places back.
    if (response.destroyed) {
      for (const release of admitted.places) release();
      return;
    }
    const connection = new StreamConnection(response, client, formats[kind], options);
    connections.add(connection, admitted.places);
    const read = await params;
    const principal = await verifyToken(request.headers.authorization, request);
    connection.identify(principal);
    if (!(await connections.identify(connection, principal))) throw refusals.user;
    if (connection.signal.aborted) return;
    const handle = await run(
      {
        params: resumed(read, request.headers['last-event-id']),
        caller: { principal },
        isReadOnly: request.method === 'GET',
        forwardedHeaders: pickForwarded(request.headers, forwardedHeaders),
        requestId,
        traceparent: traceparentOf(request.headers['traceparent']),
        signal: connection.signal,
        client,
      },
      connection,
    );
    connection.opened(handle);
  };

  const serve = async (streamed: StreamRequest, isOnlyWay: boolean): Promise<'answered' | ReadRequest> => {
    const { params } = streamed;
    if (!isOnlyWay && !(await mayBeSubscription(params))) return { params };
    try {
      await open(streamed);
    } catch (error: unknown) {
      refuse(streamed, error, options);
    }
    return 'answered';
  };

  return (request, response, requestId) => {
    const { accept } = request.headers;
    const kind = acceptableStream(accept);
    if (!kind) return undefined;
    const isOnlyWay = !acceptableMediaType(accept) && !acceptableIncrementalSpec(accept);
    const params = readGraphQLParams(request, options);
    // Whoever waits for them hears of it.
    params.catch(() => undefined);
    return serve({ request, response, requestId, kind, params }, isOnlyWay);
  };
}

/** Cheap, and never wrong about a subscription. A query with the word in it is answered all the same, in a stream. */
async function mayBeSubscription(params: Promise<GraphQLParams>): Promise<boolean> {
  try {
    return /\bsubscription\b/.test((await params).query);
  } catch {
    return false;
  }
}

const tooMany = (message: string) =>
  new RateLimited(message).with({ extensions: { retryAfter: 5, http: { headers: { 'retry-after': '5' } } } });
const notNow = (message: string) =>
  new ServiceUnavailable(message).with({
    extensions: { retryAfter: 5, http: { headers: { 'retry-after': '5' } } },
  });

const refusals: Record<RefusalReason, Error> = {
  draining: notNow('This process is stopping: try again'),
  memory: notNow('Short of memory: try again later'),
  total: notNow('Too many connections: try again later'),
  network: tooMany('Too many connections from this address'),
  user: tooMany('Too many connections of this user'),
  origin: notNow('Pages of this origin may not connect here'),
  unauthenticated: notNow('The token cannot be verified'),
};

function refuse(
  { response, requestId }: StreamRequest,
  error: unknown,
  { report, connections }: StreamRouteOptions,
): void {
  const errors = report(requestId, [error]);
  const code = errors[0]?.code ?? 'INTERNAL_SERVER_ERROR';
  if (code === 'UNAUTHENTICATED') connections.refuse('unauthenticated');
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  for (const [name, value] of Object.entries(httpHintOf(error).headers ?? {}))
    response.setHeader(name, value);
  sendJson(response, statusOfRefusal(code, error, 'application/graphql-response+json'), {
    errors: errors.map(({ formatted }) => formatted),
  });
}

/** A browser repeats the request that it knows, and says beside it how far it came. */
function resumed(params: GraphQLParams, lastEventId: string | readonly string[] | undefined): GraphQLParams {
  if (typeof lastEventId !== 'string' || lastEventId === '') return params;
  return { ...params, extensions: { ...params.extensions, resume: { after: lastEventId } } };
}
