import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';

import { afterEach, describe, expect, it } from 'vitest';

import { isJsonType } from './response-body.ts';
import { SubgraphClient, type SubgraphClientOptions } from './subgraph-client.ts';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

/** What comes of bytes that a subgraph sends. */
async function receive(
  body: string | Buffer,
  headers: Readonly<Record<string, string>> = {},
  options: Partial<SubgraphClientOptions> = {},
) {
  const seen: unknown[] = [];
  const server = createServer((request, response) => {
    seen.push(request.headers['accept-encoding']);
    response.writeHead(200, { 'content-type': 'application/json', ...headers }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const client = new SubgraphClient({ fetchTimeoutMs: 5000, ...options });
  closers.push(
    () => new Promise((resolve) => server.close(resolve)),
    () => client.stop(),
  );
  const answer = client.fetch(
    { name: 'a', url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` },
    { body: '{}', operationType: 'query', carriesIdentity: false },
    { requestId: 'r', identityProjection: '', signal: new AbortController().signal },
  );
  return { answer, seen };
}

const text = JSON.stringify({ data: { a: 'ä€😀' } });

describe('an answer that is compressed', () => {
  it.each([
    ['gzip', gzipSync],
    ['x-gzip', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
    ['zstd', zstdCompressSync],
  ] as const)('by %s is read, asked for or not', async (encoding, compress) => {
    const { answer, seen } = await receive(compress(text), { 'content-encoding': encoding });
    expect(await answer).toEqual(JSON.parse(text));
    expect(seen).toEqual([undefined]);
  });

  it('is asked for where the setting says so', async () => {
    const { answer, seen } = await receive(text, {}, { compression: ['br', 'gzip'] });
    await answer;
    expect(seen).toEqual(['br, gzip']);
  });

  it.each([
    ['broken', gzipSync(text).subarray(0, -12), 'gzip', 'answered with broken gzip'],
    ['no gzip at all', Buffer.from(text), 'gzip', 'answered with broken gzip'],
    ['of an unknown kind', Buffer.from(text), 'snappy', 'answered in the unknown encoding snappy'],
    ['twice', gzipSync(gzipSync(text)), 'gzip, gzip', 'answered in the unknown encoding gzip, gzip'],
    ['a bomb', gzipSync(Buffer.alloc(50_000_000)), 'gzip', 'answered with more than 100000 bytes'],
  ])('and %s is none', async (_what, body, encoding, problem) => {
    const { answer } = await receive(body, { 'content-encoding': encoding }, { maxResponseBytes: 100_000 });
    await expect(answer).rejects.toMatchObject({
      code: 'SUBGRAPH_UNAVAILABLE',
      message: `Subgraph "a" ${problem}`,
    });
  });
});

describe('an answer that is too large', () => {
  const large = Buffer.alloc(200_000, ' ');

  it.each([
    ['says so', { 'content-length': '200000' }],
    ['does not say so', { 'transfer-encoding': 'chunked' }],
  ])('and %s is none', async (_what, headers) => {
    const { answer } = await receive(large, headers, { maxResponseBytes: 100_000 });
    await expect(answer).rejects.toThrow('Subgraph "a" answered with more than 100000 bytes');
  });

  it('and no JSON is not read to its end', async () => {
    const { answer } = await receive(large, { 'content-type': 'text/html' });
    await expect(answer).rejects.toThrow(
      'Subgraph "a" answered with status 200 and text/html, where JSON was expected',
    );
  });
});

describe('isJsonType', () => {
  it.each([
    'application/json',
    'application/json; charset=utf-8',
    'application/json;charset=UTF-8',
    'application/json; charset="utf-8"',
    'Application/GraphQL-Response+JSON; charset=utf8; profile=x',
  ])('is true of %s', (type) => expect(isJsonType(type)).toBe(true));

  it.each([
    '',
    'text/html',
    'text/json',
    'application/jsonp',
    'application/json, text/html',
    'application/json; charset=utf-16',
    'application/json; charset=iso-8859-1',
  ])('is false of "%s"', (type) => expect(isJsonType(type)).toBe(false));
});
