import { describe, expect, it } from 'vitest';

import { parseEventFilter } from './event-filter.ts';

const principal = { sub: 'u1', roles: ['ADMIN'], scopes: [] };
const matches = (
  filter: string,
  data: Readonly<Record<string, unknown>> | undefined = {},
  args: Readonly<Record<string, unknown>> = {},
) => parseEventFilter(filter).matches(data, { args, principal });

describe('a filter', () => {
  it.each<[string, Record<string, unknown>, Record<string, unknown>, boolean]>([
    ['event.data.authorId == args.authorId', { authorId: '1' }, { authorId: '1' }, true],
    ['event.data.authorId == args.authorId', { authorId: '1' }, { authorId: '2' }, false],
    ['event.data.authorId==args.authorId', { authorId: '1' }, {}, true],
    ['event.data.authorId != args.authorId', { authorId: '1' }, { authorId: null }, true],
    ['event.data.authorId in args.authorIds', { authorId: '1' }, { authorIds: ['2', '1'] }, true],
    ['event.data.authorId in args.authorIds', { authorId: '1' }, { authorIds: ['2'] }, false],
    ['event.data.status in ["A", "B"]', { status: 'B' }, {}, true],
    ['event.data.status in []', { status: 'B' }, {}, false],
    ['event.data.n == -1.5', { n: -1.5 }, {}, true],
    ['event.data.n == 1', { n: '1' }, {}, false],
    ['event.data.isPublic == true', { isPublic: true }, {}, true],
    ['event.data.gone == null', {}, {}, true],
    ['event.data.a.b == "\\u0041\\""', { a: { b: 'A"' } }, {}, true],
    ['event.data.authorId != principal.sub', { authorId: 'u1' }, {}, false],
    ['"ADMIN" in principal.roles', {}, {}, true],
    ['"x" in principal.scopes', {}, {}, false],
    ['"x" in event.data.missing', {}, {}, false],
    ['event.data.a == 1 && event.data.b == 2', { a: 1, b: 2 }, {}, true],
    ['event.data.a == 1 && event.data.b == 2', { a: 1, b: 3 }, {}, false],
  ])('%s of %j with %j is %s', (filter, data, args, expected) => {
    expect(matches(filter, data, args)).toBe(expected);
  });

  it('sees own properties only', () => {
    expect(matches('event.data.constructor == null')).toBe(true);
    expect(matches('event.data.x == null', undefined)).toBe(true);
  });
});

it.each([
  ['', 'Expected a value in filter "", but got the end'],
  ['event.data.a', 'Expected "==", "!=" or "in" in filter "event.data.a", but got the end'],
  ['event.data.a = 1', 'Expected conditions joined by "&&" in filter "event.data.a = 1", but got "= 1"'],
  [
    'event.data.a == 1 || true',
    'Expected conditions joined by "&&" in filter "event.data.a == 1 || true", but got "|| true"',
  ],
  ['event.data.a == 1 2', 'Expected "&&" or the end in filter "event.data.a == 1 2", but got "2" at 19'],
  [
    'event.type == 1',
    'Expected event.data.…, args.…, principal.sub, principal.roles or principal.scopes in filter "event.type == 1", but got "event.type" at 1',
  ],
  [
    'principal.email == 1',
    'Expected event.data.…, args.…, principal.sub, principal.roles or principal.scopes in filter "principal.email == 1", but got "principal.email" at 1',
  ],
  ['event.data.a in "b"', 'Expected a list or a path after "in" in filter "event.data.a in "b""'],
  [
    'event.data.a in ["b" "c"]',
    'Expected "," or "]" in filter "event.data.a in ["b" "c"]", but got ""c"" at 22',
  ],
  [
    'process.exit() == 1',
    'Expected conditions joined by "&&" in filter "process.exit() == 1", but got "() == 1"',
  ],
])('refuses the filter %s', (filter, message) => {
  expect(() => parseEventFilter(filter)).toThrow(message);
});
