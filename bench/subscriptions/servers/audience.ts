// Subscribers in a process of their own, as light as they can be: raw frames over sockets that share one buffer, so that
// ten thousand of them leave something of the machine. Arguments: AudienceOptions (JSON).
import { connect, type Socket } from 'node:net';

import type { AudienceFigures, AudienceOptions, AudienceQuestion } from '../audience.ts';
import { findMark, microsAt, nowMicros, seqAt } from '../comment-event.ts';
import { clientFrame, opcodes, readFrames } from '../frames.ts';
import { Histogram } from '../histogram.ts';
import { SeenEvents } from '../seen-events.ts';

const { url, perConnection, posts, query, connections } = JSON.parse(
  process.argv[2] ?? '',
) as AudienceOptions;
const { hostname, port, pathname } = new URL(url);
// More at a time than a listening socket lets wait would be refused.
const maxOpening = 64;
const bufferBytes = 256 * 1024;
const idAt = '{"id":"'.length;
const zero = 0x30;
const shared = Buffer.allocUnsafeSlow(bufferBytes);
const empty = Buffer.alloc(0);

const histogram = new Histogram();
const seen = new SeenEvents(connections * perConnection);
let delivered = 0;
let unexpected = 0;
let sample = '';
let isClosing = false;
let onDelivered: (() => void) | undefined;
const sockets: Socket[] = [];

// The same clock as that of whoever publishes, read in a tenth of the time. Where the system did something else between two
// readings, they seem nearer to each other than they are.
const clockOffset = Math.max(...Array.from({ length: 1000 }, () => nowMicros() - performance.now() * 1000));

const postOf = (subscription: number): number => (subscription % posts) + 1;
const text = (message: object): Buffer => clientFrame(opcodes.text, Buffer.from(JSON.stringify(message)));
const init = text({ type: 'connection_init' });
const handshake = [
  `GET ${pathname} HTTP/1.1`,
  `host: ${hostname}:${port}`,
  'connection: upgrade',
  'upgrade: websocket',
  'sec-websocket-version: 13',
  'sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==',
  'sec-websocket-protocol: graphql-transport-ws',
  '\r\n',
].join('\r\n');

function fail(reason: string): void {
  if (isClosing) return;
  process.stderr.write(`${reason}\n`);
  process.exit(1);
}

/** Opens a connection with its subscriptions; resolves when they are asked for. */
function open(connection: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const first = connection * perConnection;
  let rest = empty;
  let isUpgraded = false;

  const onFrame = (opcode: number, bytes: Buffer, from: number, to: number): void => {
    if (opcode === opcodes.text) onText(bytes, from, to);
    else if (opcode === opcodes.ping) socket.write(clientFrame(opcodes.pong, bytes.subarray(from, to)));
    else if (opcode === opcodes.close) fail(`Closed: ${bytes.toString('utf8', from + 2, to)}`);
  };
  const onText = (bytes: Buffer, from: number, to: number): void => {
    const mark = findMark(bytes, from, to);
    if (mark >= 0) onEvent(first, bytes, from, to, mark);
    else if (onMessage(bytes.toString('utf8', from, to))) {
      socket.write(
        Buffer.concat(Array.from({ length: perConnection }, (_, index) => subscribe(first, index))),
      );
      resolve();
    }
  };
  const socket = connect({
    host: hostname,
    port: Number(port),
    noDelay: true,
    onread: {
      buffer: shared,
      callback: (length) => {
        let bytes = shared;
        let end = length;
        if (rest.length > 0) {
          bytes = Buffer.concat([rest, shared.subarray(0, length)]);
          end = bytes.length;
        }
        let start = 0;
        if (!isUpgraded) {
          const head = bytes.toString('latin1', 0, end);
          start = head.indexOf('\r\n\r\n') + 4;
          if (start < 4 || !head.startsWith('HTTP/1.1 101')) fail(`Expected a socket, but got ${head}`);
          isUpgraded = true;
          socket.write(init);
        }
        const read = readFrames(bytes, start, end, onFrame);
        rest = read === end ? empty : Buffer.from(bytes.subarray(read, end));
        return true;
      },
    },
  });
  sockets.push(socket);
  socket.write(handshake);
  socket.on('error', (error) => fail(`Connection ${connection}: ${error.message}`));
  socket.on('close', () => fail(`Connection ${connection} was closed`));
  return promise;
}

const subscribe = (first: number, index: number): Buffer =>
  text({
    id: String(index),
    type: 'subscribe',
    payload: { query, variables: { postId: String(postOf(first + index)) } },
  });

/** @returns whether subscriptions can begin */
function onMessage(message: string): boolean {
  const { type } = JSON.parse(message) as { readonly type: string };
  if (type === 'connection_ack') return true;
  if (type !== 'ping' && type !== 'pong') fail(`Expected events only, but got ${message}`);
  return false;
}

function onEvent(first: number, bytes: Buffer, from: number, to: number, mark: number): void {
  // One digit is enough for the ids that we give.
  const subscription = first + (bytes[from + idAt] ?? zero) - zero;
  if (!seen.add(subscription, seqAt(bytes, mark))) {
    unexpected += 1;
    return;
  }
  delivered += 1;
  histogram.add((performance.now() * 1000 + clockOffset - microsAt(bytes, mark)) / 1000);
  if (sample === '') sample = bytes.toString('utf8', from, to);
  onDelivered?.();
}

async function carryOut(question: AudienceQuestion): Promise<void> {
  switch (question.type) {
    case 'open': {
      const next = sockets.length;
      const numbers = Array.from(
        { length: question.connections - next },
        (_, index) => next + index,
      ).values();
      const openInTurn = async () => {
        for (const number of numbers) await open(number);
      };
      await Promise.all(Array.from({ length: maxOpening }, openInTurn));
      return;
    }
    case 'count':
      delivered = 0;
      unexpected = 0;
      sample = '';
      histogram.clear();
      for (let index = 0; index < connections * perConnection; index += 1) {
        seen.begin(index, question.after[postOf(index) - 1] ?? 0);
      }
      return;
    case 'await':
      return untilDelivered(question);
    case 'close':
      isClosing = true;
      // Reset, or the system keeps their ports for a minute.
      for (const socket of sockets) socket.resetAndDestroy();
  }
}

let isSpinning = false;

/**
 * Stays awake. On one machine, a write to a socket whose reader sleeps pays for waking it up, so a slower server would pay
 * more for each delivery: its readers have time to fall asleep in between.
 */
function spin(): void {
  if (isSpinning) setImmediate(spin);
}

type Patience = Extract<AudienceQuestion, { type: 'await' }>;

async function untilDelivered({ deliveries, patienceMs, limitMs }: Patience): Promise<void> {
  if (delivered >= deliveries) return;
  isSpinning = true;
  spin();
  const { promise, resolve } = Promise.withResolvers<void>();
  let last = delivered;
  const stalled = setInterval(() => {
    if (delivered === last) resolve();
    last = delivered;
  }, patienceMs);
  const late = setTimeout(resolve, limitMs);
  onDelivered = () => {
    if (delivered >= deliveries) resolve();
  };
  await promise;
  isSpinning = false;
  clearInterval(stalled);
  clearTimeout(late);
  onDelivered = undefined;
}

// Before there are sockets, nothing else keeps the process.
process.channel?.ref();
process.on('message', (question: AudienceQuestion) => {
  void carryOut(question).then(
    () =>
      process.send?.({
        type: 'figures',
        delivered,
        unexpected,
        p50Ms: histogram.percentile(0.5),
        p99Ms: histogram.percentile(0.99),
        sample,
      } satisfies AudienceFigures),
    (error: unknown) => fail(String(error)),
  );
});
