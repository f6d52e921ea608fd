import { describe, expect, it } from 'vitest';

import { createEventLogAt } from './create-event-log-at.ts';

describe('createEventLogAt', () => {
  it.each([
    'redis://127.0.0.1:1',
    'rediss://a:1,rediss://b:1',
    'postgres://127.0.0.1:1/events',
    'postgresql://127.0.0.1:1/events',
    'memory:',
  ])('makes a log of %s without connecting to it', async (url) => {
    await createEventLogAt(url).stop();
    expect(() => createEventLogAt(url)).not.toThrow();
  });

  it('refuses any other address, and does not show it', () => {
    const expected = 'Expected a redis://, rediss://, postgres:// or memory: address, but got http:';
    expect(() => createEventLogAt('http://user:secret@host')).toThrow(new TypeError(expected));
  });
});
