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

/**
 * The scalars of every subgraph, by the name under which a schema declares them. A schema takes what it declares;
 * `createSubgraphSchema({ scalars })` replaces one. `DateTime` and `Date` are `Date` objects inside.
 */
export const defaultScalars = {
  Date: DateResolver,
  DateTime: DateTimeResolver,
  EmailAddress: EmailAddressResolver,
  JSON: JSONScalar,
  Time: TimeResolver,
  URL: URLResolver,
  UUID: UUIDResolver,
} as const satisfies Record<string, GraphQLScalarType>;
