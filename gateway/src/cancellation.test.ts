import { expect, it, vi } from 'vitest';

import { Cancellation } from './cancellation.ts';

const gone = new Error('The client is gone');

it('tells functions and objects once, in the order in which they came', () => {
  const told: string[] = [];
  const cancellation = new Cancellation();
  cancellation.addEventListener('abort', () => told.push('function'));
  cancellation.addEventListener('abort', { handleEvent: () => told.push('object') });
  cancellation.abort(gone);
  cancellation.abort(new Error('again'));
  expect(told).toEqual(['function', 'object']);
  expect(cancellation).toMatchObject({ aborted: true, reason: gone });
  expect(() => cancellation.throwIfAborted()).toThrow(gone);
});

it('tells nobody who left, also when they leave while others are told', () => {
  const [stays, leaves] = [vi.fn(), vi.fn()];
  const cancellation = new Cancellation();
  cancellation.addEventListener('abort', leaves);
  cancellation.addEventListener('abort', stays);
  cancellation.removeEventListener('abort', leaves);
  cancellation.abort(gone);
  expect(leaves).not.toHaveBeenCalled();
  expect(stays).toHaveBeenCalledOnce();
});

it('calls nobody who comes afterwards, as an AbortSignal does', () => {
  const late = vi.fn();
  const cancellation = new Cancellation();
  cancellation.abort(gone);
  cancellation.addEventListener('abort', late);
  expect(late).not.toHaveBeenCalled();
});

it('is quiet before', () => {
  const cancellation = new Cancellation();
  expect(cancellation).toMatchObject({ aborted: false, reason: undefined });
  expect(() => cancellation.throwIfAborted()).not.toThrow();
});
