import { expect, it } from 'vitest';

import { clientFrame, opcodes, readFrames, serverFrame } from './frames.ts';

it('reads whole frames and says where the rest begins', () => {
  const texts = ['', 'short', 'x'.repeat(300)];
  const whole = texts.map((text) => serverFrame(Buffer.from(text)));
  const bytes = Buffer.concat([...whole, serverFrame(Buffer.from('cut off')).subarray(0, 5)]);
  const seen: string[] = [];
  const rest = readFrames(bytes, 0, bytes.length, (opcode, buffer, from, to) => {
    expect(opcode).toBe(opcodes.text);
    seen.push(buffer.toString('utf8', from, to));
  });
  expect(seen).toEqual(texts);
  expect(bytes.length - rest).toBe(5);
});

it('masks what a client sends with zeros', () => {
  const frame = clientFrame(opcodes.pong, Buffer.from('hi'));
  expect([...frame]).toEqual([0x8a, 0x82, 0, 0, 0, 0, 0x68, 0x69]);
});
