import { buildSchema, graphqlSync, type GraphQLScalarType } from 'graphql';
import { describe, expect, it } from 'vitest';

import { defaultScalars } from './scalars.ts';

const lowerUuid = '0b8d64e8-3f1c-4a57-9a70-0d2f4fd0c4a3';

/** For each scalar: what a client may write and what resolvers get; what it may not; and what is printed how. */
const table: Record<
  Exclude<keyof typeof defaultScalars, 'JSON'>,
  { valid: [string, unknown][]; invalid: unknown[]; printed: [unknown, string][]; unprintable: unknown[] }
> = {
  DateTime: {
    valid: [
      ['2026-01-31T09:30:00Z', new Date('2026-01-31T09:30:00.000Z')],
      ['2026-01-31T09:30:00.123Z', new Date('2026-01-31T09:30:00.123Z')],
      ['2026-01-31T09:30:00+02:00', new Date('2026-01-31T07:30:00.000Z')],
      ['2024-02-29T00:00:00Z', new Date('2024-02-29T00:00:00.000Z')],
    ],
    invalid: [
      '2026-01-31',
      '2026-01-31T09:30:00',
      '2026-02-30T09:30:00Z',
      '2026-02-29T09:30:00Z',
      '2026-01-31T25:00:00Z',
      '2026-01-31T09:30:00|02:00',
      'yesterday',
      '',
      1_769_851_800_000,
      true,
      {},
    ],
    printed: [
      [new Date('2026-01-31T09:30:00.123Z'), '2026-01-31T09:30:00.123Z'],
      ['2026-01-31T09:30:00+02:00', '2026-01-31T07:30:00.000Z'],
    ],
    unprintable: [new Date('nonsense'), 'yesterday', 1_769_851_800, Number.NaN, {}],
  },
  Date: {
    valid: [['2026-01-31', new Date('2026-01-31T00:00:00.000Z')]],
    invalid: ['2026-02-30', '2026-1-31', '31.01.2026', '2026-01-31T00:00:00Z', 20_260_131, ''],
    printed: [
      [new Date('2026-01-31T09:30:00Z'), '2026-01-31'],
      ['2026-01-31', '2026-01-31'],
    ],
    unprintable: [new Date('nonsense'), 'today', 5],
  },
  Time: {
    valid: [['09:30:00Z', expect.any(Date)]],
    invalid: ['09:30', '24:00:00Z', '09:30:60Z', '09:30:00', '09:30:00|02:00', 930, ''],
    printed: [
      [new Date('2026-01-31T09:30:00.123Z'), '09:30:00.123Z'],
      ['11:30:00+02:00', '09:30:00Z'],
    ],
    unprintable: [new Date('nonsense'), 'noon', 930],
  },
  UUID: {
    valid: [
      [lowerUuid, lowerUuid],
      [lowerUuid.toUpperCase(), lowerUuid.toUpperCase()],
    ],
    invalid: [lowerUuid.slice(1), `${lowerUuid}0`, lowerUuid.replaceAll('-', ''), 'ada', '', 7],
    printed: [[lowerUuid, lowerUuid]],
    unprintable: ['ada', 7],
  },
  URL: {
    valid: [
      ['https://example.org/a?b=c#d', new URL('https://example.org/a?b=c#d')],
      ['https://example.org', new URL('https://example.org/')],
    ],
    invalid: ['example.org', '/path', 'https://', '', 7],
    printed: [
      [new URL('https://example.org'), 'https://example.org/'],
      ['https://example.org/a', 'https://example.org/a'],
    ],
    unprintable: ['example.org', 7],
  },
  EmailAddress: {
    valid: [
      ['ada@example.org', 'ada@example.org'],
      ['ada.lovelace+news@mail.example.org', 'ada.lovelace+news@mail.example.org'],
    ],
    invalid: ['ada', 'ada@', '@example.org', 'ada @example.org', 'a@b@c', 'ada@example..org', '', 7],
    printed: [['ada@example.org', 'ada@example.org']],
    unprintable: ['ada', 7],
  },
};

/** Asks a field that gives back its argument, as a literal or as a variable. */
function askOf(scalar: GraphQLScalarType) {
  const schema = buildSchema(`scalar ${scalar.name} type Query { echo(value: ${scalar.name}): Boolean }`);
  const declared = schema.getType(scalar.name) as GraphQLScalarType;
  Object.assign(declared, { parseValue: scalar.parseValue, parseLiteral: scalar.parseLiteral });
  const ask = (source: string, variableValues: Record<string, unknown> = {}) => {
    let received: unknown;
    const rootValue = { echo: ({ value }: { value: unknown }) => Boolean((received = value)) };
    const { errors } = graphqlSync({ schema, source, variableValues, rootValue });
    return { received, message: errors?.map(({ message }) => message).join('\n') };
  };
  return {
    literal: (text: string) => ask(`{ echo(value: ${text}) }`),
    variable: (value: unknown) => ask(`query ($value: ${scalar.name}) { echo(value: $value) }`, { value }),
  };
}

describe.each(Object.entries(table))('%s', (name, { valid, invalid, printed, unprintable }) => {
  const scalar = defaultScalars[name as keyof typeof table] as GraphQLScalarType;
  const { literal, variable } = askOf(scalar);
  const asLiteral = (value: unknown) => (JSON.stringify(value) ?? '').replaceAll(/"(\w+)":/g, '$1:');

  it.each(valid)('takes %j, in a literal and in a variable', (text, expected) => {
    expect(literal(asLiteral(text))).toEqual({ received: expected });
    expect(variable(text)).toEqual({ received: expected });
  });

  it.each(invalid)('refuses %j, in a literal and in a variable, and names it', (value) => {
    const message = `${name} must be `;
    const named = `but got ${typeof value === 'object' ? '{' : asLiteral(value)}`;
    for (const outcome of [literal(asLiteral(value)), variable(value)]) {
      expect(outcome.received).toBeUndefined();
      expect(outcome.message).toContain(message);
      expect(outcome.message).toContain(named);
    }
  });

  it.each(printed)('prints %j as %s', (value, text) => {
    expect(scalar.serialize(value)).toBe(text);
  });

  it.each(unprintable)('does not print %j', (value) => {
    expect(() => scalar.serialize(value)).toThrow(`${name} must be `);
  });
});

it('shows the beginning of a text that is too long to be shown', () => {
  const { message } = askOf(defaultScalars.DateTime).variable('x'.repeat(10_000));
  expect(message?.length).toBeLessThan(10_500);
  expect(() => defaultScalars.DateTime.parseValue('x'.repeat(10_000))).toThrow(/but got "x{99}$/);
});

describe('JSON', () => {
  const { literal, variable } = askOf(defaultScalars.JSON);
  const { JSON: scalar } = defaultScalars;

  it('reads literals to any depth', () => {
    expect(literal('{ a: [1, -2.5e3, "x", true, null, { b: [] }], c: {} }').received).toEqual({
      a: [1, -2500, 'x', true, null, { b: [] }],
      c: {},
    });
  });

  it('takes any value in a variable', () => {
    const value = { a: [1, 'x', true, null, { b: [] }] };
    expect(variable(value).received).toEqual(value);
  });

  it('fills variables into literals; those that were left out are null in lists and absent in objects', () => {
    const schema = buildSchema('scalar JSON type Query { echo(value: JSON): Boolean }');
    Object.assign(schema.getType('JSON') as GraphQLScalarType, { parseLiteral: scalar.parseLiteral });
    let received: unknown;
    const result = graphqlSync({
      schema,
      source: 'query ($a: Boolean, $b: Boolean) { echo(value: { a: $a, b: $b, list: [$a, $b] }) }',
      variableValues: { a: true },
      rootValue: { echo: ({ value }: { value: unknown }) => Boolean((received = value)) },
    });
    expect(result.errors).toBeUndefined();
    expect(received).toEqual({ a: true, list: [true, null] });
  });

  it('takes a field with the name of the prototype for a field', () => {
    const { received } = literal('{ __proto__: { isAdmin: true } }');
    expect(Object.keys(received as object)).toEqual(['__proto__']);
    expect((received as { isAdmin?: boolean }).isAdmin).toBeUndefined();
  });

  it.each([
    ['DRAFT', 'JSON cannot represent the enum value DRAFT: write it as a text'],
    ['{ status: [DRAFT] }', 'JSON cannot represent the enum value DRAFT: write it as a text'],
    ['1e999', 'JSON cannot represent Infinity'],
  ])('refuses the literal %s', (text, message) => {
    expect(literal(text).message).toContain(message);
  });

  const cycle: Record<string, unknown> = {};
  cycle['self'] = { cycle };

  it.each([
    ['a bigint', 1n],
    ['a function', () => 1],
    ['a symbol', Symbol('x')],
    ['NaN', Number.NaN],
    ['Infinity', Infinity],
    ['a Map', new Map([['a', 1]])],
    ['a Set', new Set([1])],
    ['undefined', [undefined]],
    ['a value that contains itself', cycle],
  ])('cannot represent %s, at whatever depth, in or out', (name, value) => {
    const message = `JSON cannot represent ${name}`;
    expect(() => scalar.serialize({ deep: [value] })).toThrow(message);
    expect(() => scalar.parseValue({ deep: [value] })).toThrow(message);
  });

  it('leaves out what is absent, takes what says itself how it is written, and shows a value twice', () => {
    const shared = { n: 1 };
    const value = { absent: undefined, at: new Date(0), one: shared, other: shared };
    expect(scalar.serialize(value)).toBe(value);
  });
});
