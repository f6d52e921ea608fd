import {
  getNullableType,
  isEnumType,
  isInputObjectType,
  isListType,
  Kind,
  type ConstValueNode,
  type GraphQLInputType,
} from 'graphql';

/**
 * Writes a JSON value as a literal of a type.
 *
 * @example print(toLiteral({ status: 'DRAFT' }, postFilterInput)) // '{ status: DRAFT }'
 */
export function toLiteral(value: unknown, type?: GraphQLInputType): ConstValueNode {
  const nullable = type && getNullableType(type);
  if (value === null || value === undefined) return { kind: Kind.NULL };
  if (Array.isArray(value)) {
    const itemType = isListType(nullable) ? nullable.ofType : undefined;
    return { kind: Kind.LIST, values: value.map((item) => toLiteral(item, itemType)) };
  }
  if (isListType(nullable)) return toLiteral(value, nullable.ofType);
  if (typeof value === 'object') return toObjectLiteral(value as Record<string, unknown>, nullable);
  if (typeof value === 'boolean') return { kind: Kind.BOOLEAN, value };
  if (typeof value === 'number')
    return { kind: isInteger(value) ? Kind.INT : Kind.FLOAT, value: String(value) };
  if (typeof value === 'string') return { kind: isEnumType(nullable) ? Kind.ENUM : Kind.STRING, value };
  throw new TypeError(`Expected a JSON value, but got a ${typeof value}`);
}

function toObjectLiteral(value: Record<string, unknown>, type?: GraphQLInputType): ConstValueNode {
  const fields = isInputObjectType(type) ? type.getFields() : {};
  return {
    kind: Kind.OBJECT,
    fields: Object.entries(value).map(([name, part]) => ({
      kind: Kind.OBJECT_FIELD,
      name: { kind: Kind.NAME, value: name },
      value: toLiteral(part, fields[name]?.type),
    })),
  };
}

/** Larger ones are written with an exponent, which only a float may have. */
const isInteger = (value: number): boolean => /^-?\d+$/.test(String(value));
