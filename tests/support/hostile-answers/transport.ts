import { httpAnswer } from '../start-raw-subgraph.ts';
import { unusable, served, secret, twice, type HostileAnswer } from './hostile-answer.ts';
import { bytes, closing, resetting, dripping, good, head } from './raw-answers.ts';

/** What comes is no HTTP, or ends where it should not, or never. */
export const transport: readonly HostileAnswer[] = [
  unusable('no HTTP at all', closing(`${secret}\r\n\r\n`)),
  unusable('a closed connection before anything', closing(), twice),
  unusable('a reset before anything', resetting(), twice),
  unusable('a reset in the middle of the headers', resetting('HTTP/1.1 200 OK\r\ncontent-ty'), twice),
  unusable('a reset in the middle of the body', resetting(`${head}content-length: 500\r\n\r\n{"data":`)),
  unusable('a body that is shorter than it says', closing(head, 'content-length: 5000\r\n\r\n', good)),
  unusable('a body that is longer than it says', bytes(head, 'content-length: 20\r\n\r\n', good)),
  unusable('two lengths', bytes(head, `content-length: 5\r\ncontent-length: ${good.length}\r\n\r\n`, good)),
  unusable('a length that is no number', bytes(head, 'content-length: many\r\n\r\n', good)),
  unusable(
    'a length and chunks at once',
    bytes(head, 'content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n5\r\nabcde\r\n0\r\n\r\n'),
  ),
  unusable('chunks of no length', bytes(head, `transfer-encoding: chunked\r\n\r\nxyz\r\n${good}\r\n`)),
  unusable('chunks that end too early', closing(head, `transfer-encoding: chunked\r\n\r\nfff\r\n${good}`)),
  unusable('headers without end', bytes(head, `x-filler: ${'x'.repeat(40_000)}\r\n\r\n`)),
  unusable(
    'another protocol',
    bytes('HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n'),
    twice,
  ),
  unusable(
    '100 Continue that nobody asked for',
    bytes('HTTP/1.1 100 Continue\r\n\r\n', httpAnswer(good)),
    twice,
  ),
  unusable('nothing at all', () => {}, { code: 'SUBGRAPH_TIMEOUT' }),
  unusable('headers that never end', dripping('HTTP/1.1 200 OK\r\nx-slow: '), { code: 'SUBGRAPH_TIMEOUT' }),
  unusable('a body that never ends', bytes(head, 'content-length: 500\r\n\r\n{"data":'), {
    code: 'SUBGRAPH_TIMEOUT',
  }),
  unusable('a slow drip', dripping(`${head}content-length: 5000\r\n\r\n`), { code: 'SUBGRAPH_TIMEOUT' }),
  unusable('a slow drip for entities', dripping(`${head}content-length: 5000\r\n\r\n`), {
    asks: 'products',
    code: 'SUBGRAPH_TIMEOUT',
  }),
  unusable('a reset for entities', resetting(), { asks: 'products', ...twice }),
  served(
    'HTTP/1.0 and a body that ends with the connection',
    closing('HTTP/1.0 200 OK\r\ncontent-type: application/json\r\n\r\n', good),
  ),
  served('103 Early Hints first', bytes('HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n', httpAnswer(good))),
  served('an answer that is followed by garbage', bytes(httpAnswer(good), `${secret}\r\n\r\n`)),
  served(
    'an answer that is followed by one that nobody asked for',
    bytes(httpAnswer(good), httpAnswer(good.replace('Ada', secret))),
  ),
  served('an answer in many pieces', (socket) => {
    const pieces =
      httpAnswer(good)
        .toString()
        .match(/.{1,7}/gs) ?? [];
    const sendNext = () => {
      const piece = pieces.shift();
      if (piece !== undefined) socket.write(piece, () => setImmediate(sendNext));
    };
    sendNext();
  }),
];
