import { describe, expect, it } from 'vitest';

import type { DeferredPart } from '../engine/engine.ts';
import type { IncrementalSpec } from '../http/media-type.ts';
import { createPayloads } from './incremental-payloads.ts';

const bio: DeferredPart = { path: ['users', 0], label: 'bio' };
const posts: DeferredPart = { path: ['users', 1], label: undefined };
const nested: DeferredPart = { path: ['users', 0, 'friend'], label: 'nested' };
const errors = [{ message: 'boom' }];

function payloadsOf(spec: IncrementalSpec) {
  const payloads = createPayloads(spec, { deferred: [bio, posts], extensions: () => undefined });
  return {
    first: () => JSON.parse(payloads.first(['"data":{"users":[]}'])) as unknown,
    later: (...parts: Parameters<typeof payloads.later>[0]) => JSON.parse(payloads.later(parts)) as unknown,
    lost: () => JSON.parse(payloads.lost(errors)) as unknown,
  };
}

const delivered = { part: bio, data: '{"bio":"Hi"}', errors: [], deferred: [nested] };
const failed = { part: posts, data: 'null', errors, deferred: [] };
const last = { part: nested, data: '{"name":null}', errors, deferred: [] };

describe('deferSpec=20220824', () => {
  it('names parts by path and label', () => {
    const payloads = payloadsOf('deferSpec=20220824');
    expect(payloads.first()).toEqual({ data: { users: [] }, hasNext: true });
    expect(payloads.later(delivered, failed)).toEqual({
      incremental: [
        { data: { bio: 'Hi' }, path: ['users', 0], label: 'bio' },
        { data: null, path: ['users', 1], errors },
      ],
      hasNext: true,
    });
    expect(payloads.later(last)).toEqual({
      incremental: [{ data: { name: null }, path: ['users', 0, 'friend'], label: 'nested', errors }],
      hasNext: false,
    });
  });

  it('ends with nothing for each part that will not come, and says why once', () => {
    const payloads = payloadsOf('deferSpec=20220824');
    payloads.first();
    expect(payloads.lost()).toEqual({
      incremental: [
        { data: null, path: ['users', 0], label: 'bio', errors },
        { data: null, path: ['users', 1] },
      ],
      hasNext: false,
    });
  });
});

describe('incrementalSpec=v0.2', () => {
  it('announces parts with ids, those within parts as well, and completes each', () => {
    const payloads = payloadsOf('incrementalSpec=v0.2');
    expect(payloads.first()).toEqual({
      data: { users: [] },
      pending: [
        { id: '0', path: ['users', 0], label: 'bio' },
        { id: '1', path: ['users', 1] },
      ],
      hasNext: true,
    });
    expect(payloads.later(delivered, failed)).toEqual({
      pending: [{ id: '2', path: ['users', 0, 'friend'], label: 'nested' }],
      incremental: [{ id: '0', data: { bio: 'Hi' } }],
      completed: [{ id: '0' }, { id: '1', errors }],
      hasNext: true,
    });
    expect(payloads.later(last)).toEqual({
      incremental: [{ id: '2', data: { name: null }, errors }],
      completed: [{ id: '2' }],
      hasNext: false,
    });
  });

  it('ends with errors for each part that will not come', () => {
    const payloads = payloadsOf('incrementalSpec=v0.2');
    payloads.first();
    expect(payloads.lost()).toEqual({
      completed: [
        { id: '0', errors },
        { id: '1', errors },
      ],
      hasNext: false,
    });
  });
});

it('says what extensions say in the first payload and in the last', () => {
  let count = 0;
  const payloads = createPayloads('deferSpec=20220824', {
    deferred: [bio, posts],
    extensions: () => ({ count: (count += 1) }),
  });
  const texts = [
    payloads.first(['"data":{}']),
    payloads.later([failed]),
    payloads.later([{ ...delivered, deferred: [] }]),
  ];
  const extensions = texts.map((text) => (JSON.parse(text) as { extensions?: unknown }).extensions);
  expect(extensions).toEqual([{ count: 1 }, undefined, { count: 2 }]);
});
