// What the same answers cost when somebody writes each of them by hand: the fewest fetches, over the fastest client,
// JSON.parse and JSON.stringify, and no GraphQL at all. No gateway gets below it without clever parsing.
// Arguments: load, port, addresses of the subgraphs (JSON).
import { createServer, type ServerResponse } from 'node:http';

import type { LoadName } from '../loads.ts';
import { floors } from './floors.ts';
import { createFetcher } from './fetcher.ts';

const [load, port, urls = '{}'] = process.argv.slice(2);
const answer = floors[load as LoadName](createFetcher(JSON.parse(urls) as Record<string, string>));

createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    JSON.parse(Buffer.concat(chunks).toString());
    respond(response).catch((error: unknown) => response.writeHead(500).end(String(error)));
  });
}).listen(Number(port), '127.0.0.1');

async function respond(response: ServerResponse): Promise<void> {
  const body = Buffer.from(JSON.stringify({ data: await answer() }));
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length });
  response.end(body);
}
