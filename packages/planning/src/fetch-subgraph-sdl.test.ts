import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

import { expect, it } from 'vitest';

import { fetchSubgraphSdl } from './fetch-subgraph-sdl.ts';

type Answer = (request: IncomingMessage, response: ServerResponse) => unknown;

async function startServer(answer: Answer) {
  const server = createServer((request, response) => void answer(request, response)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const stop = async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  };
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/graphql`, stop, [Symbol.asyncDispose]: stop };
}

it('asks for _service, not for introspection, with the headers it was given', async () => {
  const asked: unknown[] = [];
  await using server = await startServer(async (request, response) => {
    asked.push(request.headers['authorization'], JSON.parse(await text(request)));
    response.end(JSON.stringify({ data: { _service: { sdl: 'type A @key(fields: "id")' } } }));
  });
  const sdl = await fetchSubgraphSdl(server.url, { headers: { authorization: 'Bearer x' } });
  expect(sdl).toBe('type A @key(fields: "id")');
  expect(asked).toEqual(['Bearer x', { query: '{ _service { sdl } }' }]);
});

it.each([
  ['an error', 400, '{"errors":[{"message":"no"}]}'],
  ['a page', 502, '<html>Bad gateway</html>'],
  ['null', 200, 'null'],
])('shows %s that came instead', async (_, status, body) => {
  await using server = await startServer((_request, response) => response.writeHead(status).end(body));
  await expect(fetchSubgraphSdl(server.url)).rejects.toThrow(
    `expected { data: { _service: { sdl } } } from ${server.url}, but got ${status} ${body}`,
  );
});

it('says why nothing came', async () => {
  const { url, stop } = await startServer(() => {});
  await expect(fetchSubgraphSdl(url, { timeoutMs: 20 })).rejects.toThrow(
    `expected an answer from ${url}, but got: The operation was aborted due to timeout`,
  );
  await stop();
  await expect(fetchSubgraphSdl(url)).rejects.toThrow(/but got: connect ECONNREFUSED/);
});
