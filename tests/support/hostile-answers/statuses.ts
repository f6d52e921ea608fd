import { httpAnswer } from '../start-raw-subgraph.ts';
import { unusable, secret, twice, type HostileAnswer } from './hostile-answer.ts';
import { bytes, dripping, http, status, good, html, head } from './raw-answers.ts';

/** HTTP, but not what a GraphQL server says. */
export const statuses: readonly HostileAnswer[] = [
  unusable('an error page with 200', status('200 OK', html, 'text/html')),
  unusable('an error page with 500', status('500 Internal Server Error', html, 'text/html')),
  unusable('an error page with 502', status('502 Bad Gateway', html, 'text/html'), twice),
  unusable('an error page for entities', status('502 Bad Gateway', html, 'text/html'), {
    asks: 'products',
    ...twice,
  }),
  unusable('an error page that never ends', dripping('HTTP/1.1 500 No\r\ncontent-type: text/html\r\n\r\n'), {
    code: 'SUBGRAPH_TIMEOUT',
  }),
  unusable('204 No Content', bytes('HTTP/1.1 204 No Content\r\n\r\n')),
  unusable('304 Not Modified', bytes('HTTP/1.1 304 Not Modified\r\ncontent-type: application/json\r\n\r\n')),
  unusable('an empty body', http('')),
  unusable('401 without JSON', status('401 Unauthorized', secret, 'text/plain')),
  unusable('403 without JSON', status('403 Forbidden', secret, 'text/plain')),
  unusable('403 with JSON that is no GraphQL', status('403 Forbidden', '{"error":"no"}', 'application/json')),
  unusable('429 without JSON', status('429 Too Many Requests', 'slow down', 'text/plain')),
  unusable('no content type', http(good, { headers: {} })),
  unusable('JSON as text', http(good, { headers: { 'content-type': 'text/plain' } })),
  unusable('two content types', bytes(head, `content-type: text/html\r\n`, httpAnswer(good).subarray(17))),
  unusable(
    'another charset',
    http(Buffer.from(good, 'utf16le'), {
      headers: { 'content-type': 'application/json; charset=utf-16' },
    }),
  ),
  ...(
    [
      ['401', 'Unauthorized', 'UNAUTHENTICATED'],
      ['403', 'Forbidden', 'FORBIDDEN'],
      ['429', 'Too Many Requests', 'RATE_LIMITED'],
    ] as const
  ).map(([line, words, code]) =>
    unusable(
      `${line} with GraphQL errors`,
      status(
        `${line} ${words}`,
        JSON.stringify({ errors: [{ message: 'no', extensions: { code } }] }),
        'application/json',
      ),
      { code },
    ),
  ),
  unusable(
    '500 with errors that have no code',
    status(
      '500 Internal',
      JSON.stringify({ errors: [{ message: secret }] }),
      'application/graphql-response+json',
    ),
    { code: 'DOWNSTREAM_SERVICE_ERROR' },
  ),
];
