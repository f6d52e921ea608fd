import type { Writable } from 'node:stream';

import { expect, it } from 'vitest';
import * as ws from 'ws';

import { nextPrefix, webSocketFraming } from './frame.ts';

// It is exported, and the types do not say so.
const { Receiver } = ws as unknown as { Receiver: new (options: object) => Writable };

/** What a client reads. */
const read = (frame: Buffer): string => {
  const receiver = new Receiver({ isServer: false });
  const texts: string[] = [];
  receiver.on('message', (data: Buffer) => texts.push(data.toString()));
  receiver.write(frame);
  return texts.join('|');
};

const frameOf = (prefix: Buffer, body: Buffer): Buffer => {
  const frame = Buffer.alloc(webSocketFraming.sizeOf(prefix, body) + 1);
  expect(webSocketFraming.copy(frame, 0, prefix, body)).toBe(frame.length - 1);
  return frame.subarray(0, -1);
};

it.each([0, 60, 125, 126, 500, 65_500, 65_536, 200_000])('frames a result of about %i bytes', (length) => {
  const body = Buffer.from(JSON.stringify({ data: { text: 'é'.repeat(length / 2) } }));
  const message = read(frameOf(nextPrefix('a"1'), body));
  expect(JSON.parse(message)).toEqual({
    id: 'a"1',
    type: 'next',
    payload: { data: { text: 'é'.repeat(length / 2) } },
  });
});

it('frames a message without a prefix as it is', () => {
  const text = '{"type":"connection_ack"}';
  expect(read(frameOf(Buffer.alloc(0), Buffer.from(text)))).toBe(text);
});
