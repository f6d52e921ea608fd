import assert from 'node:assert/strict';
import { inspect } from 'node:util';

import { describe, expect, it, vi } from 'vitest';

import { readyData, unreadBodyOf } from './ready-data.ts';

const text = '{"me":{"name":"Ada"},"posts":[1,2]}';
const parsed = { me: { name: 'Ada' }, posts: [1, 2] };

describe('data that is ready as text', () => {
  it('is not parsed while nobody looks into it', () => {
    const parse = vi.spyOn(JSON, 'parse');
    const result = { data: readyData(text), errors: undefined };
    expect(unreadBodyOf({ ...result }.data)?.toString()).toBe(`{"data":${text}}\n`);
    expect(Object.isExtensible(result.data)).toBe(true);
    expect(parse).not.toHaveBeenCalled();
    parse.mockRestore();
  });

  it('is parsed once, by the first who does', () => {
    const parse = vi.spyOn(JSON, 'parse');
    const data = readyData(text);
    expect(data['me']).toBe(data['me']);
    expect(Object.keys(data)).toEqual(['me', 'posts']);
    expect(parse).toHaveBeenCalledOnce();
    expect(unreadBodyOf(data)).toBeUndefined();
    parse.mockRestore();
  });

  it.each<[string, (data: Record<string, unknown>) => unknown]>([
    ['keys', (data) => expect(Object.keys(data)).toEqual(['me', 'posts'])],
    ['a copy', (data) => expect({ ...data }).toStrictEqual(parsed)],
    ['JSON', (data) => expect(JSON.stringify(data)).toBe(text)],
    ['a deep comparison', (data) => expect(data).toStrictEqual(parsed)],
    ['another deep comparison', (data) => assert.deepEqual(data, parsed)],
    ['a property', (data) => expect(data['posts']).toEqual([1, 2])],
    ['whether there is one', (data) => expect('me' in data && !('you' in data)).toBe(true)],
    ['an own property', (data) => expect(Object.hasOwn(data, 'me')).toBe(true)],
    ['its prototype', (data) => expect(Object.getPrototypeOf(data)).toBe(Object.prototype)],
    ['its name', (data) => expect(Object.prototype.toString.call(data)).toBe('[object Object]')],
    ['a log line', (data) => expect(inspect(data)).toBe("{ me: { name: 'Ada' }, posts: [ 1, 2 ] }")],
  ])('looks like any other object to whoever wants %s', (_what, look) => {
    const data = readyData(text);
    look(data);
    expect(unreadBodyOf(data)).toBeUndefined();
    expect(inspect(data)).toBe("{ me: { name: 'Ada' }, posts: [ 1, 2 ] }");
  });

  it.each<[string, (data: Record<string, unknown>) => unknown, object]>([
    ['added to', (data) => (data['you'] = 1), { ...parsed, you: 1 }],
    ['taken from', (data) => delete data['me'], { posts: [1, 2] }],
    ['overwritten', (data) => (data['me'] = null), { me: null, posts: [1, 2] }],
    ['defined', (data) => Object.defineProperty(data, 'me', { value: 1 }), { me: 1, posts: [1, 2] }],
    ['given a prototype', (data) => Object.setPrototypeOf(data, null), parsed],
    ['frozen', (data) => Object.freeze(data), parsed],
  ])('is what it has become when it is %s', (_how, change, expected) => {
    const data = readyData(text);
    change(data);
    expect({ ...data }).toEqual(expected);
    expect(JSON.parse(JSON.stringify(data))).toEqual(expected);
    expect(unreadBodyOf(data)).toBeUndefined();
  });

  it('keeps its prototype when a client calls a field so', () => {
    const data = readyData('{"__proto__":{"name":"Ada"}}');
    expect(Object.getOwnPropertyDescriptor(data, '__proto__')?.value).toEqual({ name: 'Ada' });
    expect(Object.getPrototypeOf(data)).toBe(Object.prototype);
  });
});

it.each([[undefined], [null], [{}], [{ me: 1 }]])('knows no bytes of %j', (data) => {
  expect(unreadBodyOf(data)).toBeUndefined();
});
