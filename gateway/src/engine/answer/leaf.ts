import { isEnumType, isSpecifiedScalarType, type GraphQLLeafType } from 'graphql';

/** Writes a value of a leaf type as JSON; `undefined` for a value that the type does not have. Never asked for null. */
export type WriteLeaf = (value: unknown) => string | undefined;

/** How values of a leaf type are written: strictly, since what a subgraph sends is JSON already. */
export type Leaf =
  | { readonly kind: 'string' | 'id' | 'int' | 'float' | 'boolean' | 'json'; readonly write: WriteLeaf }
  | { readonly kind: 'enum'; readonly texts: ReadonlyMap<unknown, string>; readonly write: WriteLeaf };

const isInt = (value: unknown): value is number => typeof value === 'number' && (value | 0) === value;

const writers = {
  string: (value) => (typeof value === 'string' ? JSON.stringify(value) : undefined),
  // Subgraphs in other languages send numbers.
  id: (value) =>
    typeof value === 'string' || Number.isInteger(value) ? JSON.stringify(String(value)) : undefined,
  int: (value) => (isInt(value) ? `${value}` : undefined),
  // What is too large for a number was read as infinity, which JSON has no word for.
  float: (value) => (typeof value === 'number' && Number.isFinite(value) ? `${value}` : undefined),
  boolean: (value) => (typeof value === 'boolean' ? `${value}` : undefined),
  json: (value) => {
    try {
      return JSON.stringify(value);
    } catch (error: unknown) {
      // Lists within lists without end: JSON.parse reads what JSON.stringify has no stack to write.
      if (error instanceof RangeError) return undefined;
      throw error;
    }
  },
} as const satisfies Record<string, WriteLeaf>;

const kinds: Readonly<Record<string, keyof typeof writers>> = {
  String: 'string',
  ID: 'id',
  Int: 'int',
  Float: 'float',
  Boolean: 'boolean',
};

/** An enum has the values of the API schema: what is hidden from clients is as wrong as what does not exist. */
export function leafOf(type: GraphQLLeafType): Leaf {
  if (isEnumType(type)) {
    const texts = new Map<unknown, string>(type.getValues().map(({ name }) => [name, JSON.stringify(name)]));
    return { kind: 'enum', texts, write: (value) => texts.get(value) };
  }
  const kind = (isSpecifiedScalarType(type) && kinds[type.name]) || 'json';
  return { kind, write: writers[kind] };
}
