import { GraphQLError, GraphQLScalarType, Kind, type EnumValueNode, type ValueNode } from 'graphql';

type Variables = Readonly<Record<string, unknown>> | null | undefined;

/** Any JSON value. Literals are read to any depth; what JSON cannot say is an error, not a surprise at the end. */
export const JSONScalar = new GraphQLScalarType<unknown, unknown>({
  name: 'JSON',
  serialize: (value) => representable(value),
  parseValue: (value) => representable(value),
  parseLiteral: (node, variables) => representable(readLiteral(node, variables), node),
});

function representable(value: unknown, nodes?: ValueNode): unknown {
  const problem = findUnserialisable(value, new Set());
  if (problem === undefined) return value;
  throw new GraphQLError(`JSON cannot represent ${problem}`, { ...(nodes && { nodes }) });
}

/** Validation reads literals before there are variables: what one stands for is then unknown, and null will do. */
function readLiteral(node: ValueNode, variables: Variables): unknown {
  switch (node.kind) {
    case Kind.INT:
    case Kind.FLOAT:
      return Number(node.value);
    case Kind.NULL:
      return null;
    case Kind.LIST:
      return node.values.map((item) => readLiteral(item, variables) ?? null);
    case Kind.OBJECT:
      return readObject(
        node.fields.map(({ name, value }) => [name.value, readLiteral(value, variables)] as const),
      );
    case Kind.VARIABLE:
      return variables ? variables[node.name.value] : null;
    case Kind.STRING:
    case Kind.BOOLEAN:
      return node.value;
    case Kind.ENUM:
    default:
      return refuseEnumValue(node);
  }
}

function refuseEnumValue(node: EnumValueNode): never {
  throw new GraphQLError(`JSON cannot represent the enum value ${node.value}: write it as a text`, {
    nodes: node,
  });
}

/** Without the fields of variables that were left out. `fromEntries` makes "__proto__" a field like any other. */
const readObject = (fields: readonly (readonly [string, unknown])[]): object =>
  Object.fromEntries(fields.filter(([, value]) => value !== undefined));

/** Names the first part that JSON would refuse, change or drop; `undefined` when there is none. */
function findUnserialisable(value: unknown, ancestors: ReadonlySet<object>): string | undefined {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return undefined;
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : String(value);
  if (value === undefined) return 'undefined';
  if (typeof value !== 'object') return `a ${typeof value}`;
  if (ancestors.has(value)) return 'a value that contains itself';
  if (value instanceof Map || value instanceof Set) return `a ${value.constructor.name}`;
  const inside = new Set(ancestors).add(value);
  if ('toJSON' in value && typeof value.toJSON === 'function') {
    return findUnserialisable(value.toJSON(), inside);
  }
  return firstProblem(Array.isArray(value) ? value : definedValues(value), inside);
}

/** An absent field is left out in JSON, which is what its absence means. */
const definedValues = (value: object): unknown[] => Object.values(value).filter((part) => part !== undefined);

function firstProblem(parts: readonly unknown[], ancestors: ReadonlySet<object>): string | undefined {
  for (const part of parts) {
    const problem = findUnserialisable(part, ancestors);
    if (problem !== undefined) return problem;
  }
  return undefined;
}
