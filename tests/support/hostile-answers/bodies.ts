import { brotliCompressSync, gzipSync } from 'node:zlib';

import { unusable, served, maxResponseBytes, type HostileAnswer } from './hostile-answer.ts';
import { http, good, head, nested } from './raw-answers.ts';

/** Bytes that are too many, or no JSON. */
export const bodies: readonly HostileAnswer[] = [
  unusable('a body over the limit that says so', http(Buffer.alloc(maxResponseBytes + 1, ' '))),
  unusable('a body over the limit in chunks', (socket) => {
    socket.write(`${head}transfer-encoding: chunked\r\n\r\n`);
    const chunk = `4000\r\n${' '.repeat(0x4000)}\r\n`;
    const more = () => void (socket.writable && socket.write(chunk, () => setImmediate(more)));
    more();
  }),
  unusable(
    'a gzip bomb',
    http(gzipSync(Buffer.alloc(20_000_000, ' ')), {
      headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' },
    }),
  ),
  unusable(
    'broken gzip',
    http(gzipSync(good).subarray(0, -9), {
      headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' },
    }),
  ),
  unusable(
    'gzip that is none',
    http(good, {
      headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' },
    }),
  ),
  unusable(
    'an unknown encoding',
    http(good, {
      headers: { 'content-type': 'application/json', 'content-encoding': 'aes128gcm' },
    }),
  ),
  served(
    'gzip that nobody asked for',
    http(gzipSync(good), {
      headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' },
    }),
  ),
  served(
    'brotli that nobody asked for',
    http(brotliCompressSync(good), {
      headers: { 'content-type': 'application/json', 'content-encoding': 'br' },
    }),
  ),
  served('a byte order mark', http(`\uFEFF${good}`)),
  unusable('bytes that are not UTF-8', http(Buffer.from(good.replace('Ada', 'Ad\u00e9'), 'latin1'))),
  unusable('half a JSON document', http(good.slice(0, 60))),
  unusable('half a JSON document for entities', http('{"data":{"_entities":[{"price":10'), {
    asks: 'products',
  }),
  unusable('two JSON documents', http(`${good}${good}`)),
  unusable('almost JSON', http(`{'data':{'profile':null}}`)),
  unusable('numbers that JSON does not have', http('{"data":{"profile":{"age":NaN}}}')),
  unusable('nothing but brackets', http(nested(40_000))),
  served('a key that comes twice: the last one counts', http(good.replace('"name"', '"name":"Eve","name"'))),
  served(
    'keys that objects inherit',
    http(
      good
        .replace('"name"', '"__proto__":{"age":1},"constructor":1,"hasOwnProperty":2,"toString":3,"name"')
        .replace('{"data"', '{"__proto__":{"errors":[{"message":"no"}]},"data"'),
    ),
  ),
];
