import type { GraphQLScalarType } from 'graphql';
import {
  DateResolver,
  DateTimeResolver,
  EmailAddressResolver,
  TimeResolver,
  URLResolver,
  UUIDResolver,
} from 'graphql-scalars';

import { JSONScalar } from './json.ts';
import { textScalar } from './text-scalar.ts';

/** The formats are those of graphql-scalars; its own scalars differ in what they say and let through. */
const format = <Internal>(
  name: string,
  expected: string,
  { parseValue, serialize }: GraphQLScalarType<Internal, unknown>,
) => textScalar({ name, expected, parse: parseValue, print: (value) => asText(serialize(value)) });

const dateTime = textScalar({
  name: 'DateTime',
  expected: 'a moment in ISO 8601 with a time zone, such as "2026-01-31T09:30:00.000Z"',
  parse: DateTimeResolver.parseValue,
  print: (value) => {
    // Nearly every moment is one, and has nothing left to be checked.
    if (value instanceof Date) return value.toISOString();
    // graphql-scalars takes a number, too: nobody can tell whether those are seconds.
    if (typeof value === 'number') throw new TypeError('Expected a Date or a text');
    return asText(DateTimeResolver.serialize(value));
  },
});

function asText(value: unknown): string {
  if (value instanceof Date) return value.toISOString();
  if (typeof value === 'string') return value;
  throw new TypeError(`Expected a text, but got ${typeof value}`);
}

/**
 * The scalars of every subgraph, by the name under which a schema declares them. A schema takes what it declares;
 * `createSubgraphSchema({ scalars })` replaces one. `DateTime`, `Date` and `Time` are `Date` objects inside, `URL` is
 * a `URL`, the rest are texts; resolvers may give texts for all of them.
 */
export const defaultScalars = {
  Date: format('Date', 'a day in ISO 8601, such as "2026-01-31"', DateResolver),
  DateTime: dateTime,
  EmailAddress: format('EmailAddress', 'an e-mail address, such as "ada@example.org"', EmailAddressResolver),
  JSON: JSONScalar,
  Time: format('Time', 'a time of day in ISO 8601 with a time zone, such as "09:30:00Z"', TimeResolver),
  URL: format('URL', 'an absolute URL, such as "https://example.org/"', URLResolver),
  UUID: format('UUID', 'a UUID, such as "0b8d64e8-3f1c-4a57-9a70-0d2f4fd0c4a3"', UUIDResolver),
} as const satisfies Record<string, GraphQLScalarType>;
