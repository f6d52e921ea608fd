import postgres from 'postgres';
import { expect, it } from 'vitest';

import { knowArrays } from './know-arrays.ts';

// Nothing is connected before the first statement.
const { options } = postgres({ fetch_types: false });
knowArrays(options);
const write = (type: number, value: unknown): unknown => options.serializers[type]?.(value);
const read = (type: number, text: string): unknown => options.parsers[type]?.(text);
const [texts, numbers, times] = [1009, 1007, 1185];

it.each([
  ['nothing', [], '{}'],
  [
    'texts with anything in them',
    ['a', '', 'null', 'x"y\\z', '{,}', ' é\n'],
    '{"a","","null","x\\"y\\\\z","{,}"," é\n"}',
  ],
  ['null', [null, 'a'], '{null,"a"}'],
  ['lists of lists', [['a'], ['b']], '{{"a"},{"b"}}'],
  ['what is written already', '{a}', '{a}'],
])('writes %s', (_what, value, text) => {
  expect(write(texts, value)).toBe(text);
});

it('writes items as their type is written', () => {
  expect(write(numbers, [1, -2])).toBe('{"1","-2"}');
  expect(write(times, [new Date(0)])).toBe('{"1970-01-01T00:00:00.000Z"}');
});

it('takes undefined for a mistake', () => {
  expect(() => write(texts, [undefined])).toThrow('Expected no undefined item in an array: null is one');
});

it.each([
  ['{}', []],
  ['{a,"b c","x\\"y\\\\z",NULL,"NULL",""}', ['a', 'b c', 'x"y\\z', null, 'NULL', '']],
  ['{{a},{b}}', [['a'], ['b']]],
])('reads %s', (text, value) => {
  expect(read(texts, text)).toEqual(value);
});

it('reads items as their type is read', () => {
  expect(read(numbers, '{1,NULL}')).toEqual([1, null]);
  expect(read(times, '{"1970-01-01 00:00:00+00"}')).toEqual([new Date(0)]);
});
