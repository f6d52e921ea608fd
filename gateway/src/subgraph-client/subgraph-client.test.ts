import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

import { afterEach, describe, expect, it } from 'vitest';

import { SubgraphClient, type SubgraphRequest } from './subgraph-client.ts';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

const serve = async (listener: RequestListener) => {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  let connections = 0;
  server.on('connection', () => (connections += 1));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql?a=1`;
  return { url, connectionCount: () => connections };
};

const createClient = (fetchTimeoutMs = 1000) => {
  const sent: string[] = [];
  const client = new SubgraphClient({ fetchTimeoutMs, onRequest: (subgraph) => sent.push(subgraph) });
  closers.push(() => client.stop());
  return { client, sent };
};

const context = (signal = new AbortController().signal) => ({
  requestId: 'request-1',
  identityProjection: '',
  signal,
});
const request: SubgraphRequest = {
  body: '{"query":"{ a }"}',
  operationType: 'query',
  carriesIdentity: false,
};
const answerJson: RequestListener = (_request, response) =>
  response.setHeader('content-type', 'application/json').end('{"data":{"a":1}}');

describe('SubgraphClient', () => {
  it('sends the operation with the headers of the request, and no others', async () => {
    const seen: unknown[] = [];
    const { url } = await serve((request, response) => {
      seen.push([request.method, request.url, request.headers]);
      answerJson(request, response);
    });
    const { client, sent } = createClient();
    const answer = await client.fetch(
      { name: 'a', url },
      { ...request, carriesIdentity: true },
      { ...context(), identityFor: (subgraph) => `signed for ${subgraph}`, traceparent: 'trace' },
    );
    expect(answer).toEqual({ data: { a: 1 } });
    expect(sent).toEqual(['a']);
    expect(seen).toEqual([
      [
        'POST',
        '/graphql?a=1',
        {
          accept: 'application/graphql-response+json, application/json;q=0.9',
          connection: 'keep-alive',
          'content-length': '17',
          'content-type': 'application/json',
          host: new URL(url).host,
          traceparent: 'trace',
          'tributary-identity': 'signed for a',
          'x-request-id': 'request-1',
        },
      ],
    ]);
  });

  it('keeps its connections, until the subgraph is no longer needed', async () => {
    const { url, connectionCount } = await serve(answerJson);
    const { client } = createClient();
    const subgraph = { name: 'a', url };
    for (let index = 0; index < 10; index += 1) await client.fetch(subgraph, request, context());
    await client.keepOnly([subgraph]);
    await client.fetch(subgraph, request, context());
    // A second one may be opened in the moment in which the first is not yet free again.
    const kept = connectionCount();
    expect(kept).toBeLessThanOrEqual(2);
    await client.keepOnly([]);
    await client.fetch(subgraph, request, context());
    expect(connectionCount()).toBe(kept + 1);
  });

  it('gives the reason of the request when that is what ended the fetch', async () => {
    const { url } = await serve(() => {});
    const { client } = createClient();
    const controller = new AbortController();
    const fetching = client.fetch({ name: 'a', url }, request, context(controller.signal));
    controller.abort(new Error('the request is over'));
    await expect(fetching).rejects.toThrow('the request is over');
    const late = client.fetch({ name: 'a', url }, request, context(controller.signal));
    await expect(late).rejects.toThrow('the request is over');
  });

  it('says how long it waited, and keeps the cause of what could not be reached', async () => {
    const { url } = await serve(() => {});
    const { client } = createClient(20);
    await expect(client.fetch({ name: 'a', url }, request, context())).rejects.toMatchObject({
      code: 'SUBGRAPH_TIMEOUT',
      message: 'Subgraph "a" did not answer within 20 ms',
    });
    const nowhere = { name: 'a', url: 'http://127.0.0.1:9/graphql' };
    await expect(client.fetch(nowhere, request, context())).rejects.toMatchObject({
      code: 'SUBGRAPH_UNAVAILABLE',
      message: 'Subgraph "a" could not be reached',
      originalError: { code: 'ECONNREFUSED' },
    });
  });

  it('tells a subgraph that is not there from one that breaks off, and from one that is stopped for', async () => {
    const { url } = await serve((_request, response) => response.destroy());
    const { client } = createClient();
    await expect(client.fetch({ name: 'a', url }, request, context())).rejects.toMatchObject({
      code: 'SUBGRAPH_UNAVAILABLE',
      message: 'Subgraph "a" broke off, or did not answer in HTTP',
    });
    const silent = await serve(() => {});
    const fetching = client.fetch({ name: 'b', url: silent.url }, request, context());
    await client.stop();
    await expect(fetching).rejects.toMatchObject({ code: 'SUBGRAPH_UNAVAILABLE' });
  });

  it('does not blame the subgraph for an identity that cannot be signed', async () => {
    const { url } = await serve(answerJson);
    const { client, sent } = createClient();
    const identityFor = () => Promise.reject(new TypeError('no key'));
    const fetching = client.fetch(
      { name: 'a', url },
      { ...request, carriesIdentity: true },
      { ...context(), identityFor },
    );
    await expect(fetching).rejects.toThrow(TypeError);
    expect(sent).toEqual([]);
  });

  it('does not ask who it is for a fetch that must not know', async () => {
    const { url } = await serve(answerJson);
    const identityFor = () => expect.unreachable('nobody needs to know');
    await createClient().client.fetch({ name: 'a', url }, request, { ...context(), identityFor });
  });
});
