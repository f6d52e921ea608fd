import { expect, it, vi } from 'vitest';

import { anonymous } from '../../../identity/principal.ts';
import type { RunOperation, SubscriptionHandle } from '../../operation-request.ts';
import type { SubscriberSink } from '../../subscriber-sink.ts';
import type { Outbox } from '../outbox.ts';
import { WsOperation } from './ws-operation.ts';

const request = {
  params: { query: 'subscription { a }' },
  caller: { principal: anonymous },
  forwardedHeaders: undefined,
  requestId: 'r',
  traceparent: undefined,
  client: { ip: undefined, name: undefined, version: undefined, userAgent: undefined },
};

/** An operation that begins when the test says so, on a socket that is full. */
function beginOperation() {
  const handle: SubscriptionHandle = {
    isOpen: true,
    resumeReading: vi.fn<() => void>(),
    refresh: vi.fn<() => void>(),
    stop: vi.fn<() => void>(),
  };
  const { promise, resolve } = Promise.withResolvers<SubscriptionHandle>();
  let sink: SubscriberSink | undefined;
  const run: RunOperation = (_request, given) => {
    sink = given;
    return promise;
  };
  const ended = vi.fn<() => void>();
  const operation = new WsOperation('1', { outbox: { push: () => false } as unknown as Outbox, ended });
  const started = operation.start(run, request);
  return {
    operation,
    handle,
    ended,
    next: () => sink?.next({ bytes: Buffer.from('{}'), cursor: undefined }),
    open: async () => {
      resolve(handle);
      await started;
    },
  };
}

it('hands on that there is room again, also where there was before it could be told', async () => {
  const { operation, handle, next, open } = beginOperation();
  expect(next()).toBe(false);
  operation.resumeReading();
  await open();
  expect(handle.resumeReading).toHaveBeenCalledTimes(1);
  operation.resumeReading();
  expect(handle.resumeReading).toHaveBeenCalledTimes(1);
  next();
  operation.resumeReading();
  expect(handle.resumeReading).toHaveBeenCalledTimes(2);
});

it('stops what its client ended while it began', async () => {
  const { operation, handle, ended, next, open } = beginOperation();
  operation.stop();
  await open();
  expect(handle.stop).toHaveBeenCalledTimes(1);
  expect(next()).toBe(true);
  expect(ended).not.toHaveBeenCalled();
});

it('says once why it ends when rights are taken away, and stops', async () => {
  const { operation, handle, ended, open } = beginOperation();
  await open();
  operation.revoke([{ code: 'UNAUTHENTICATED', formatted: { message: 'Over' } }]);
  operation.end();
  expect(ended).toHaveBeenCalledTimes(1);
  expect(ended).toHaveBeenCalledWith(operation, { id: '1', type: 'error', payload: [{ message: 'Over' }] });
  expect(handle.stop).toHaveBeenCalledTimes(1);
});
