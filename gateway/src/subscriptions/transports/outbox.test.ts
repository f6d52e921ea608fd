import { expect, it, vi } from 'vitest';

import type { Flushable, FlushSchedule } from './flush-schedule.ts';
import { Outbox, type Framing } from './outbox.ts';

const plain: Framing = {
  sizeOf: (prefix, body) => prefix.length + body.length,
  copy: (target, at, prefix, body) => {
    target.set(prefix, at);
    target.set(body, at + prefix.length);
    return at + prefix.length + body.length;
  },
};

/** An outbox whose client takes a write when the test says so, or at once. */
function openOutbox({ takesAtOnce = false } = {}) {
  const due: Flushable[] = [];
  const writes: string[] = [];
  let untaken: { readonly bytes: Buffer; readonly onWritten: (() => void) | undefined }[] = [];
  const wire = {
    writableLength: 0,
    writableEnded: false,
    destroyed: false,
    takesAtOnce,
    write: (bytes: Buffer, onWritten?: () => void) => {
      if (bytes.length > 0) writes.push(bytes.toString());
      if (!wire.takesAtOnce) wire.writableLength += bytes.length;
      untaken.push({ bytes, onWritten });
      return true;
    },
  };
  const onRoom = vi.fn<() => void>();
  const schedule = { add: (flushable: Flushable) => void due.push(flushable) } as unknown as FlushSchedule;
  const outbox = new Outbox({ wire, framing: plain, schedule, onRoom });
  return {
    outbox,
    wire,
    writes,
    onRoom,
    push: (body: string, prefix = '') => outbox.push(Buffer.from(prefix), Buffer.from(body)),
    pass: () => {
      for (const flushable of due.splice(0)) flushable.flush();
    },
    /** Gives what the client reads then. */
    take: () => {
      const taken = untaken;
      untaken = [];
      wire.writableLength = 0;
      for (const { onWritten } of taken) onWritten?.();
      return taken.map(({ bytes }) => bytes.toString()).join('');
    },
  };
}

it('writes what came together in one piece', () => {
  const { push, pass, writes } = openOutbox();
  push('b', 'a');
  push('d', 'c');
  expect(writes).toEqual([]);
  pass();
  expect(writes).toEqual(['abcd']);
});

it('waits with the next write until the client has taken the last', () => {
  const { push, pass, take, writes } = openOutbox();
  push('1');
  pass();
  push('2');
  pass();
  push('3');
  pass();
  expect(writes).toEqual(['1']);
  take();
  pass();
  expect(writes).toEqual(['1', '23']);
});

it('says when it has no room, and once when it has again', () => {
  const { push, pass, take, onRoom, outbox } = openOutbox();
  expect(push('x'.repeat(60_000))).toBe(true);
  pass();
  expect(push('x'.repeat(10_000))).toBe(false);
  expect(outbox.isFull).toBe(true);
  pass();
  take();
  pass();
  take();
  expect(onRoom).toHaveBeenCalledTimes(1);
  expect(push('x')).toBe(true);
  expect(outbox.bufferedBytes).toBe(1);
});

it('waits for its own writes only, whatever else is on its way', () => {
  const { push, pass, wire, writes } = openOutbox();
  // A ping, which is not ours and tells nobody when it is gone.
  wire.writableLength = 2;
  push('1');
  pass();
  expect(writes).toEqual(['1']);
});

it('takes nothing for a client that is gone', () => {
  const { push, pass, wire, writes, outbox } = openOutbox();
  wire.destroyed = true;
  expect(push('1')).toBe(true);
  pass();
  expect([writes, outbox.bufferedBytes]).toEqual([[], 0]);
});

it('writes what waits before an end, although the client is slow', () => {
  const { push, pass, outbox, writes } = openOutbox();
  push('1');
  pass();
  push('2');
  outbox.flushNow();
  expect(writes).toEqual(['1', '2']);
});

it('waits for nothing where all is taken at once', () => {
  const { push, pass, onRoom, outbox, writes } = openOutbox({ takesAtOnce: true });
  push('1');
  pass();
  push('2');
  pass();
  expect(writes).toEqual(['1', '2']);
  expect(push('x'.repeat(70_000))).toBe(false);
  pass();
  expect(onRoom).toHaveBeenCalledTimes(1);
  expect(outbox.bufferedBytes).toBe(0);
});

it('writes over nothing that a client has still to take', () => {
  const [slow, other] = [openOutbox(), openOutbox({ takesAtOnce: true })];
  slow.push('for the slow one');
  slow.pass();
  other.push('for the other one');
  other.pass();
  expect(slow.take()).toBe('for the slow one');
});

it('goes on at once after a client has been slow', () => {
  const { push, pass, take, wire, writes } = openOutbox();
  push('1');
  pass();
  take();
  wire.takesAtOnce = true;
  for (const body of ['2', '3']) {
    push(body);
    pass();
    take();
  }
  expect(writes).toEqual(['1', '2', '3']);
});
