import { describe, expect, it } from 'vitest';

import { parseEvent, stringifyEvent } from './check-event.ts';
import { maxEventBytes, type Event } from './event.ts';

const event: Event = {
  id: '018f4f5e-0000-7000-8000-000000000001',
  channel: 'post.42.comment-added',
  type: 'CommentAdded',
  occurredAt: '2026-01-02T03:04:05.678Z',
  source: 'comments',
  entity: { __typename: 'Comment', id: '7' },
};

/** What is said of an event with a field of another value. */
const wrong = (changes: object): string => {
  try {
    return stringifyEvent({ ...event, ...changes });
  } catch (error: unknown) {
    return String(error);
  }
};

describe('an event', () => {
  it('comes back as it was written', () => {
    const whole: Event = {
      ...event,
      touches: [{ __typename: 'Post', id: '42' }],
      audience: { principals: ['user-1'], roles: ['ADMIN'] },
      data: { body: 'Grüße 😀', nested: { list: [1, null, true, { deep: 'x' }] } },
    };
    expect(parseEvent(stringifyEvent(whole))).toEqual(whole);
    expect(parseEvent(stringifyEvent(event))).toEqual(event);
  });

  it.each<[object, string]>([
    [{ id: '7' }, 'id of an event to be a UUID in lower case, but got "7"'],
    [{ id: event.id.toUpperCase().replace('018F', 'ABCD') }, 'id of an event to be a UUID in lower case'],
    [
      { channel: 'post.*' },
      'channel of an event to be a channel like "post.42.comment-added", but got "post.*"',
    ],
    [{ channel: 7 }, 'channel of an event to be a channel'],
    [{ type: 'comment added' }, 'type of an event to be a name like "CommentAdded", but got "comment added"'],
    [{ occurredAt: 'yesterday' }, 'occurredAt of an event to be a time like "2026-01-02T03:04:05.678Z"'],
    [{ occurredAt: '2026-13-02T03:04:05Z' }, 'occurredAt of an event to be a time'],
    [{ source: 'com.ments' }, 'source of an event to be the name of a subgraph, but got "com.ments"'],
    [
      { entity: { __typename: 'Comment' } },
      'entity of an event to be an object with __typename and the fields',
    ],
    [{ entity: { id: '1' } }, 'entity of an event to be an object with __typename'],
    [{ entity: [] }, 'entity of an event to be an object with __typename'],
    [{ touches: [{ id: '1' }] }, 'touches of an event to be a list of at most 100 entities'],
    [
      { touches: Array.from({ length: 101 }, () => event.entity) },
      'touches of an event to be a list of at most 100',
    ],
    [{ audience: {} }, 'audience of an event to be an object with principals or roles'],
    [{ audience: { principals: [1] } }, 'audience of an event to be'],
    [{ audience: { principals: ['a'], everybody: true } }, 'audience of an event to be'],
    [{ data: [] }, 'data of an event to be an object that JSON can write'],
    [{ data: { when: new Date() } }, 'data of an event to be what JSON can write'],
    [{ data: { amount: Number.NaN } }, 'data of an event to be what JSON can write'],
    [{ data: { missing: undefined } }, 'data of an event to be what JSON can write'],
    [{ colour: 'red' }, 'Expected no field "colour" in an event'],
  ])('is refused with %j', (changes, message) => {
    expect(wrong(changes)).toContain(message);
  });

  it('is refused with numbers that JSON does not have', () => {
    expect(wrong({ data: { amount: 1n } })).toContain('data of an event to be what JSON can write');
  });

  it('is refused when it contains itself', () => {
    const data: Record<string, unknown> = {};
    data['self'] = data;
    expect(wrong({ data })).toContain('data of an event to be what JSON can write');
  });

  it('is refused above 7 KiB, counted in bytes', () => {
    const room = maxEventBytes - Buffer.byteLength(stringifyEvent({ ...event, data: { text: '' } }));
    const fits = { ...event, data: { text: 'é'.repeat(Math.floor(room / 2)) } };
    expect(parseEvent(stringifyEvent(fits))).toEqual(fits);
    expect(wrong({ data: { text: 'é'.repeat(Math.floor(room / 2) + 1) } })).toContain(
      'at most 7168 bytes, but got 71',
    );
  });

  it.each(['', 'null', '[]', '{}', '{"id":', 'x'.repeat(8000)])('is not read from %j', (text) => {
    expect(() => parseEvent(text)).toThrow('Expected');
  });
});
