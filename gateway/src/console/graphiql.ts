import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

import { acceptableEncoding } from '../http/send.ts';

/** Serves GraphiQL, whole and without any other host. */
export type GraphiQLPage = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

interface RenderedPage {
  readonly html: Buffer;
  readonly gzipped: Buffer;
  readonly headers: ReturnType<typeof headersOf>;
}

const gzipAsync = promisify(gzip);

/**
 * The page is nine megabytes: it is loaded, rendered and compressed when the first browser asks for it, and kept.
 */
export function createGraphiQL(endpoint: string): GraphiQLPage {
  let rendering: Promise<RenderedPage> | undefined;
  return async (request, response) => {
    const { html, gzipped, headers } = await (rendering ??= renderPage(endpoint));
    if (request.headers['if-none-match'] === headers.etag) {
      response.writeHead(304, { etag: headers.etag }).end();
      return;
    }
    // Brotli at a level worth its name takes seconds for this page; gzip makes 2.4 MB of it at once.
    const canGunzip = acceptableEncoding(request.headers['accept-encoding']) !== undefined;
    const body = canGunzip ? gzipped : html;
    response.writeHead(200, {
      ...headers,
      ...(canGunzip && { 'content-encoding': 'gzip' }),
      'content-length': body.length,
    });
    response.end(body);
  };
}

async function renderPage(endpoint: string): Promise<RenderedPage> {
  const { renderGraphiQL } = await import('@graphql-yoga/render-graphiql');
  const text = renderGraphiQL({ endpoint, subscriptionsProtocol: 'WS', title: 'Tributary' });
  const html = Buffer.from(text);
  return { html, gzipped: await gzipAsync(html), headers: headersOf(text, html) };
}

const headersOf = (text: string, html: Buffer) => ({
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': contentSecurityPolicy(text),
  'cache-control': 'no-cache',
  etag: `"${createHash('sha256').update(html).digest('base64url')}"`,
  vary: 'Accept, Accept-Encoding',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'same-origin',
});

/**
 * Allows the scripts that the page inlines, by their hashes, and nothing from anywhere else. Styles cannot be hashed:
 * the editor makes them while it runs. Its workers are blobs.
 */
function contentSecurityPolicy(html: string): string {
  const hashes = [...html.matchAll(/<script>([\s\S]*?)<\/script>/g)].map(
    ([, script = '']) => `'sha256-${createHash('sha256').update(script).digest('base64')}'`,
  );
  return [
    "default-src 'none'",
    `script-src ${hashes.join(' ')}`,
    'worker-src blob:',
    "style-src 'unsafe-inline'",
    'img-src data:',
    'font-src data:',
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}
