import { GraphQLError, GraphQLScalarType } from 'graphql';
import { JSONResolver } from 'graphql-scalars';

/** Any JSON value. Literals are read to any depth; what JSON cannot say is an error, not a surprise at the end. */
export const JSONScalar = new GraphQLScalarType<unknown, unknown>({
  ...JSONResolver.toConfig(),
  serialize(value: unknown): unknown {
    const problem = findUnserialisable(value, new Set());
    if (problem === undefined) return value;
    throw new GraphQLError(`JSON cannot represent ${problem}`);
  },
});

/** Names the first part that JSON would refuse, change or drop; `undefined` when there is none. */
function findUnserialisable(value: unknown, ancestors: ReadonlySet<object>): string | undefined {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return undefined;
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : String(value);
  if (typeof value !== 'object') return `a ${typeof value}`;
  if (ancestors.has(value)) return 'a value that contains itself';
  if ('toJSON' in value && typeof value.toJSON === 'function') return undefined;
  const inside = new Set(ancestors).add(value);
  for (const part of Object.values(value)) {
    const problem = part === undefined ? undefined : findUnserialisable(part, inside);
    if (problem !== undefined) return problem;
  }
  return undefined;
}
