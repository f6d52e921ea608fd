import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';

import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { readJsonBody } from './read-body.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => void vi.useRealTimers());

/** A request whose body comes when the test says so. */
function openRequest() {
  const request = new IncomingMessage(new Socket());
  request.headers['content-type'] = 'application/json';
  return { request, body: readJsonBody(request, { maxBytes: 100, timeoutMs: 10_000 }) };
}

it('waits no longer for a body than it may take', async () => {
  const { request, body } = openRequest();
  request.push('{"query":');
  vi.advanceTimersByTime(10_000);
  await expect(body).rejects.toMatchObject({
    status: 408,
    code: 'BAD_REQUEST',
    message: 'Expected the whole body within 10000 ms, but it did not arrive',
  });
});

it('leaves no timer behind when the body came in time', async () => {
  const { request, body } = openRequest();
  request.push('{"query":"{ me }"}');
  request.push(null);
  expect(await body).toEqual({ query: '{ me }' });
  expect(vi.getTimerCount()).toBe(0);
});
