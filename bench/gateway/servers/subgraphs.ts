// The subgraphs of all graphs, in one process: each on a port of its own, as cheap as node:http can be, so that what is
// measured is the gateway. Argument: the public keys (JWKS) that the first one serves beside its endpoint.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { executableSubgraph, type Execute } from '../graphs/executable.ts';
import type { Subgraph } from '../graphs/graph.ts';
import { levels } from '../graphs/levels.ts';
import { shop } from '../graphs/shop.ts';
import { social } from '../graphs/social.ts';

/** What this process sends to the one that started it. */
export interface SubgraphsReady {
  /** Where each subgraph listens, by name. */
  readonly urls: Readonly<Record<string, string>>;
}

/** What it answers to `{ type: 'count' }`. */
export interface FetchCount {
  /** Requests of gateways since the last time that somebody asked. */
  readonly fetches: number;
}

// Bodies repeat, so each is executed once. A gateway that writes a thousand texts sends a few thousand bodies.
const maxAnswers = 50_000;

const jwks = process.argv[2] ?? '{}';
const subgraphs = [shop, social, levels].flatMap((graph) => graph.subgraphs);
const entries = await Promise.all(subgraphs.map(async (each) => [each.name, await listen(each)] as const));
let fetches = 0;
process.on('message', () => {
  process.send?.({ fetches } satisfies FetchCount);
  fetches = 0;
});
process.send?.({ urls: Object.fromEntries(entries) } satisfies SubgraphsReady);

async function listen(subgraph: Subgraph): Promise<string> {
  const answer = cached(executableSubgraph(subgraph));
  const server = createServer((request, response) => {
    if (request.method !== 'POST') {
      send(response, Buffer.from(jwks));
      return;
    }
    fetches += 1;
    readBody(request, (body) => send(response, answer(body)));
  });
  // Longer than any pause between rounds: a gateway must not meet a connection that is just being closed.
  server.keepAliveTimeout = 600_000;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`;
}

/** Answers equal bodies with the same bytes. */
function cached(execute: Execute): (body: string) => Buffer {
  const answers = new Map<string, Buffer>();
  return (body) => {
    const known = answers.get(body);
    if (known) return known;
    if (answers.size >= maxAnswers) answers.clear();
    const answer = Buffer.from(JSON.stringify(execute(JSON.parse(body) as Parameters<Execute>[0])));
    answers.set(body, answer);
    return answer;
  };
}

function readBody(request: IncomingMessage, onBody: (body: string) => void): void {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const [first] = chunks;
    onBody((chunks.length === 1 && first ? first : Buffer.concat(chunks)).toString());
  });
}

function send(response: ServerResponse, body: Buffer): void {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length });
  response.end(body);
}
