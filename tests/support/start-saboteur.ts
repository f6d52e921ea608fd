import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** A request of the gateway to a subgraph. */
export interface SabotagedRequest {
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>>;
}

/** What a subgraph answered; a sabotage changes it in place. */
export interface SabotagedAnswer {
  data?: Record<string, unknown> | null;
  errors?: { path?: (string | number)[] }[];
}

/** A mistake that a gateway or a subgraph could make, put between the two. */
export interface Sabotage {
  /** Changes what the gateway asks, or as whom. */
  readonly ask?: (request: SabotagedRequest, headers: IncomingHttpHeaders) => SabotagedRequest;
  /** Changes what the subgraph answered. */
  readonly answer?: (answer: SabotagedAnswer, request: SabotagedRequest) => void;
}

/** A proxy before a subgraph that is honest until it is told otherwise. */
export interface Saboteur {
  readonly url: string;
  /** Makes the mistake from now on; `undefined` ends it. */
  make(sabotage: Sabotage | undefined): void;
  stop(): Promise<void>;
}

/** Starts a proxy before the subgraph at a URL without a path. */
export async function startSaboteur(target: string): Promise<Saboteur> {
  let sabotage: Sabotage | undefined;
  const server = createServer((request, response) => {
    void relay(request, response, target, sabotage ?? {});
  });
  return {
    url: await listen(server),
    make: (wanted) => {
      sabotage = wanted;
    },
    stop: () => close(server),
  };
}

async function relay(
  request: IncomingMessage,
  response: ServerResponse,
  target: string,
  { ask = (asked) => asked, answer }: Sabotage,
): Promise<void> {
  const body = await text(request);
  const headers = { ...request.headers };
  const sent = body === '' ? undefined : ask(JSON.parse(body) as SabotagedRequest, headers);
  // These are about the connection of the gateway with us.
  for (const name of ['host', 'connection', 'content-length', 'transfer-encoding']) delete headers[name];
  const reply = await fetch(target + request.url, {
    method: request.method ?? 'GET',
    headers: headers as Record<string, string>,
    ...(sent && { body: JSON.stringify(sent) }),
  });
  const said = await reply.text();
  response.writeHead(reply.status, { 'content-type': reply.headers.get('content-type') ?? 'text/plain' });
  response.end(sent && answer ? sabotaged(said, sent, answer) : said);
}

function sabotaged(body: string, request: SabotagedRequest, change: NonNullable<Sabotage['answer']>): string {
  const answer = JSON.parse(body) as SabotagedAnswer;
  change(answer, request);
  return JSON.stringify(answer);
}

function listen(server: Server): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  server.listen(0, '127.0.0.1', () => resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
  return promise;
}

function close(server: Server): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  server.close(() => resolve());
  server.closeAllConnections();
  return promise;
}
