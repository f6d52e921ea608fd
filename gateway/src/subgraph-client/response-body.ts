import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate, zstdDecompress, type InputType } from 'node:zlib';

type Decompress = (input: InputType, options: { readonly maxOutputLength: number }) => Promise<Buffer>;

/** Encodings that are understood, asked for or not: a request without Accept-Encoding allows any. */
const decompressors: Readonly<Record<string, Decompress>> = {
  gzip: promisify(gunzip),
  'x-gzip': promisify(gunzip),
  deflate: promisify(inflate),
  br: promisify(brotliDecompress),
  zstd: promisify(zstdDecompress),
};

/** Encodings that may be asked for. */
export const compressions = ['zstd', 'br', 'gzip'] as const;

export const isKnownEncoding = (encoding: string): boolean =>
  encoding === 'identity' || Object.hasOwn(decompressors, encoding);

/**
 * Takes the compression off. A few kilobytes may stand for gigabytes: it ends at the limit, and happens on another
 * thread.
 *
 * @throws {Error} when the bytes are broken, or more than `maxBytes`
 */
export const decompress = (bytes: Buffer, encoding: string, maxBytes: number): Promise<Buffer> =>
  decompressors[encoding]?.(bytes, { maxOutputLength: maxBytes }) ?? Promise.resolve(bytes);

/** Whether decompressing ended because there was too much. */
export const isTooLarge = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';

const usual = new Set(['application/json', 'application/json; charset=utf-8']);
const json = /^application\/(?:json|graphql-response\+json)\s*(?:;|$)/i;
const foreignCharset = /;\s*charset\s*=(?!\s*"?(?:utf-?8|us-ascii)\b)/i;

/** Whether a Content-Type says JSON, in the one encoding that JSON has. */
export const isJsonType = (contentType: string): boolean =>
  usual.has(contentType) || (json.test(contentType) && !foreignCharset.test(contentType));
