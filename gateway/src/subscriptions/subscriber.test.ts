import { describe, expect, it } from 'vitest';

import { anonymous } from '../identity/principal.ts';
import { writeResult } from './shared-result.ts';
import type { SharedResult, SubscriberSink } from './subscriber-sink.ts';
import { Subscriber, type DeliveryOptions } from './subscriber.ts';

const result = (n: number | string, cursor = String(n)) =>
  writeResult({ data: JSON.stringify(n), errors: undefined }, cursor);
const size = result(1).bytes.length;

function start(delivery: Partial<DeliveryOptions> = {}) {
  const said: string[] = [];
  let isReading = true;
  const sink: SubscriberSink = {
    next: ({ bytes }) => {
      const { data, extensions } = JSON.parse(bytes.toString()) as {
        data: unknown;
        extensions: { event: { dropped?: number } };
      };
      const { dropped } = extensions.event;
      said.push(`${String(data)}${dropped === undefined ? '' : ` after ${dropped}`}`);
      return isReading;
    },
    end: () => void said.push('end'),
    error: (errors) => void said.push(`error ${errors.map(({ code }) => code).join()}`),
  };
  const counts = { closed: 0, dropped: 0, broken: 0 };
  const subscriber = new Subscriber(anonymous, sink, {
    delivery: { maxQueueBytes: 3 * size, whenSlow: 'drop', ...delivery },
    onClose: () => (counts.closed += 1),
    onDropped: (count) => (counts.dropped += count),
    onBrokenSink: () => (counts.broken += 1),
    tooSlow: () => [{ code: 'SUBSCRIBER_TOO_SLOW', formatted: { message: 'too slow' } }],
  });
  const deliver = (...numbers: readonly number[]) => {
    for (const n of numbers) subscriber.deliver(result(n));
  };
  return { said, subscriber, deliver, counts, sink, reads: (value: boolean) => (isReading = value) };
}

describe('a subscriber', () => {
  it('is given what comes, and hears nothing after it has left', () => {
    const { said, subscriber, deliver, counts } = start();
    deliver(1, 2);
    subscriber.stop();
    deliver(3);
    subscriber.end();
    subscriber.resumeReading();
    expect(said).toEqual(['1', '2']);
    expect([subscriber.isOpen, counts.closed]).toEqual([false, 1]);
  });

  it('that does not read loses the oldest beyond its queue, and is told with the next', () => {
    const { said, subscriber, deliver, counts, reads } = start();
    reads(false);
    deliver(1, 2, 3, 4, 5, 6);
    expect([said, subscriber.queuedBytes]).toEqual([['1'], 3 * size]);
    reads(true);
    subscriber.resumeReading();
    deliver(7);
    expect(said).toEqual(['1', '4 after 2', '5', '6', '7']);
    expect([counts.dropped, subscriber.queuedBytes]).toEqual([2, 0]);
  });

  it('gets a result that is larger than its queue, when it waits alone', () => {
    const { said, subscriber, deliver, reads } = start({ maxQueueBytes: 10 });
    reads(false);
    deliver(1, 2);
    reads(true);
    subscriber.resumeReading();
    expect(said).toEqual(['1', '2']);
  });

  it('is ended with what still waits, or fails without it', () => {
    const ended = start();
    ended.reads(false);
    ended.deliver(1, 2, 3);
    ended.subscriber.end();
    expect(ended.said).toEqual(['1', '2', '3', 'end']);
    const failed = start({ whenSlow: 'close' });
    failed.reads(false);
    failed.deliver(1, 2, 3, 4, 5);
    expect(failed.said).toEqual(['1', 'error SUBSCRIBER_TOO_SLOW']);
  });

  it('whose transport throws is let go of', () => {
    const { subscriber, deliver, counts, sink } = start();
    sink.next = () => {
      throw new Error('broken');
    };
    deliver(1, 2);
    expect([subscriber.isOpen, counts.broken, counts.closed]).toEqual([false, 1, 1]);
  });

  it('says when it can take more, also because it never will', async () => {
    const { said, subscriber, deliver, reads } = start();
    await subscriber.writable();
    reads(false);
    deliver(1);
    const writable = subscriber.writable();
    subscriber.resumeReading();
    await writable;
    deliver(2);
    const never = subscriber.writable();
    subscriber.stop();
    await never;
    expect(said).toEqual(['1', '2']);
  });

  it('calls back when it is over, at once when it was', () => {
    const { subscriber } = start();
    const called: number[] = [];
    subscriber.onClose(() => called.push(1));
    subscriber.stop();
    subscriber.onClose(() => called.push(2));
    expect(called).toEqual([1, 2]);
  });
});

describe('what is held', () => {
  it('comes after what was delivered past it', () => {
    const { said, subscriber, deliver } = start();
    subscriber.hold();
    deliver(3, 4);
    subscriber.deliverPast(result(1));
    subscriber.deliverPast(result(2));
    expect(subscriber.release()).toBe(true);
    deliver(5);
    expect(said).toEqual(['1', '2', '3', '4', '5']);
  });

  it('goes on being held when some of it was lost', () => {
    const { said, subscriber, deliver } = start({ whenSlow: 'close' });
    subscriber.hold();
    deliver(1, 2, 3, 4, 5);
    expect(subscriber.release()).toBe(false);
    subscriber.hold();
    deliver(6);
    expect(subscriber.release()).toBe(true);
    expect(said).toEqual(['6']);
  });

  it('goes on being held when something was missed before it came', () => {
    const { said, subscriber } = start();
    subscriber.hold();
    subscriber.miss(1);
    expect([subscriber.release(), said]).toEqual([false, []]);
  });

  it('waits for a subscriber that does not read', () => {
    const { said, subscriber, deliver, reads } = start();
    reads(false);
    subscriber.hold();
    subscriber.deliverPast(result(1));
    deliver(2);
    subscriber.release();
    expect(said).toEqual(['1']);
    reads(true);
    subscriber.resumeReading();
    expect(said).toEqual(['1', '2']);
  });
});

it('is told the place of the log when it wants to know, and nothing older is on its way to it', () => {
  const { said, subscriber, deliver, reads } = start();
  subscriber.tellPlace(result('unasked'));
  subscriber.wantsPlace = true;
  subscriber.tellPlace(result('place 1'));
  subscriber.hold();
  subscriber.tellPlace(result('held'));
  subscriber.release();
  reads(false);
  deliver(1, 2);
  subscriber.tellPlace(result('behind 2'));
  reads(true);
  subscriber.resumeReading();
  subscriber.tellPlace(result('place 2'));
  expect(said).toEqual(['place 1', '1', '2', 'place 2']);
});

it('is told how many were missed without having slept', () => {
  const { said, subscriber, deliver, counts } = start();
  subscriber.miss(2);
  subscriber.miss(3);
  deliver(1, 2);
  expect([said, counts.dropped]).toEqual([['1 after 5', '2'], 5]);
});

it('shares the bytes of a result with whoever lost nothing', () => {
  const given: SharedResult[] = [];
  const { subscriber, sink } = start();
  sink.next = (each) => given.push(each) > 0;
  const shared = result(1);
  subscriber.deliver(shared);
  expect(given).toEqual([shared]);
  expect(given[0]?.bytes).toBe(shared.bytes);
});
