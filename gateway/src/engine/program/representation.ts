import type { FetchDataRewrite, QueryPlanSelectionNode } from '@apollo/query-planner';
import { argumentOf } from '@tributary/directives';
import type { GraphQLSchema } from 'graphql';

import type { Failure } from '../answer/failures.ts';
import { isDataObject, readKey, type DataObject } from './data-tree.ts';
import { jsonText } from './json-text.ts';
import { compileFieldsByType, type FieldReader, type FieldsByType } from './representation-fields.ts';
import { typeNamed } from './type-conditions.ts';

/** How entities of one type are named to a subgraph. */
export interface RepresentationShape {
  /**
   * What tells an entity from others of the shape, at less cost than its representation where it has one key. It is
   * `undefined` for an entity that cannot be asked for: no type condition fits, or something that the subgraph must be
   * given is missing.
   */
  identify(entity: DataObject): EntityIdentity | undefined;
  /** Whether two entities of one identity are asked for in the same words; absent where the identity says it all. */
  readonly isSame: ((entity: DataObject, other: DataObject) => boolean) | undefined;
  /** The JSON text of the representation of an entity that has an identity. */
  represent(entity: DataObject): string;
}

/** Tells why the value under a key is missing, if it is known. */
export type FailureAt = (object: object, key: string) => Failure | undefined;

export type EntityIdentity = string | number;

/** Reads what a fetch requires. Fetches of a program that require the same have the same object. */
export interface RepresentationReader {
  shapeOf(entity: DataObject): RepresentationShape;
  /** Why an entity has no identity: the failure that left out what is missing. */
  findCause(entity: DataObject, failureAt: FailureAt): Failure | undefined;
}

/**
 * Compiles what a fetch requires of an entity; rewrites are worked in, so that nothing is rewritten at run time.
 *
 * @param schema the whole supergraph: a representation may hold what clients do not see
 */
export function compileRepresentation(
  requires: readonly QueryPlanSelectionNode[],
  rewrites: readonly FetchDataRewrite[],
  schema: GraphQLSchema,
): RepresentationReader {
  const fieldsOf = compileFieldsByType(
    requires,
    rewrites.map((rewrite) => ({ rewrite, path: rewrite.path })),
    schema,
  );
  const shapes = new Map<unknown, RepresentationShape>();
  return {
    shapeOf: (entity) => {
      const typename = entity['__typename'];
      const known = shapes.get(typename);
      if (known) return known;
      const shape = createRepresentationShape(fieldsOf(typename), singleKeysOf(typename, schema));
      if (typeNamed(typename, schema)) shapes.set(typename, shape);
      return shape;
    },
    findCause: (entity, failureAt) => findCause(entity, fieldsOf, failureAt),
  };
}

function createRepresentationShape(
  fields: readonly FieldReader[],
  keys: readonly string[],
): RepresentationShape {
  const represent = (entity: DataObject) => objectText(entity, fields);
  // Its type's name is the same for all entities of a shape.
  const variable = fields.filter(
    ({ key, constant, nested }) => nested || (constant === undefined && key !== '__typename'),
  );
  const identifying = variable.length === 1 ? variable[0] : variable.find(({ key }) => keys.includes(key));
  const others = variable.filter((field) => field !== identifying);
  const hasKey = identifying && !identifying.nested && !others.some(({ nested }) => nested);
  return {
    identify: (entity) => {
      if (!hasKey) return fields.length === 0 ? undefined : represent(entity);
      const value = identifying.read(entity);
      // Texts begin with a brace, so a key that does must not stand for itself.
      const isKey = typeof value === 'string' ? !value.startsWith('{') : typeof value === 'number';
      if (!isKey) return represent(entity);
      for (const { read, isNonNull } of others) {
        const other = read(entity);
        if (other === undefined || (other === null && isNonNull)) return undefined;
      }
      return value as EntityIdentity;
    },
    isSame:
      hasKey && others.length > 0
        ? (entity, other) => others.every(({ read }) => read(entity) === read(other))
        : undefined,
    represent: (entity) => represent(entity) ?? '',
  };
}

/** The fields that are a `@key` of a type by themselves, in any subgraph. */
function singleKeysOf(typename: unknown, schema: GraphQLSchema): readonly string[] {
  const { directives = [] } = typeNamed(typename, schema)?.astNode ?? {};
  return directives
    .filter(({ name }) => name.value === 'join__type')
    .map((directive) => argumentOf(directive, 'key'))
    .filter((key) => typeof key === 'string' && /^\w+$/.test(key)) as readonly string[];
}

function objectText(object: DataObject, fields: readonly FieldReader[]): string | undefined {
  let text = '';
  for (const field of fields) {
    const value = field.constant ?? valueText(field.read(object), field);
    if (value === undefined) return undefined;
    text += text === '' ? `{${field.prefix}${value}` : `,${field.prefix}${value}`;
  }
  return text === '' ? '{}' : `${text}}`;
}

function valueText(value: unknown, field: FieldReader): string | undefined {
  if (value === undefined) return undefined;
  if (value === null) return field.isNonNull ? undefined : 'null';
  return field.nested ? nestedText(value, field.nested) : jsonText(value);
}

function nestedText(value: unknown, fieldsOf: FieldsByType): string | undefined {
  if (value === null) return 'null';
  if (Array.isArray(value)) {
    const items = value.map((item) => nestedText(item, fieldsOf));
    return items.includes(undefined) ? undefined : `[${items.join(',')}]`;
  }
  return isDataObject(value) ? objectText(value, fieldsOf(value['__typename'])) : undefined;
}

function findCause(object: DataObject, fieldsOf: FieldsByType, failureAt: FailureAt): Failure | undefined {
  for (const { key, constant, nested } of fieldsOf(object['__typename'])) {
    if (constant !== undefined) continue;
    const own = failureAt(object, key);
    if (own) return own;
    for (const item of nested ? [readKey(object, key)].flat(Infinity) : []) {
      const found = nested && isDataObject(item) ? findCause(item, nested, failureAt) : undefined;
      if (found) return found;
    }
  }
  return undefined;
}
