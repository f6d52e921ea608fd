import type { FetchDataRewrite, QueryPlanSelectionNode } from '@apollo/query-planner';
import {
  isAbstractType,
  isInterfaceType,
  isNonNullType,
  isObjectType,
  type GraphQLNamedType,
  type GraphQLSchema,
} from 'graphql';

import type { Failure } from '../answer/failures.ts';
import { isDataObject, readKey, type DataObject } from './data-tree.ts';
import { readerOf, type ReadProperty } from './generate-reader.ts';
import { jsonText } from './json-text.ts';

/** How entities of one type are named to a subgraph. */
export interface RepresentationShape {
  /**
   * What tells an entity from others of the shape, at less cost than its representation where it has one key. It is
   * `undefined` for an entity that cannot be asked for: no type condition fits, or something that the subgraph must be
   * given is missing.
   */
  identify(entity: DataObject): EntityIdentity | undefined;
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

/** A field of a representation. */
interface FieldReader {
  readonly key: string;
  readonly read: ReadProperty;
  /** `"name":`, with the name that the subgraph knows it by. */
  readonly prefix: string;
  /** What a rewrite puts in its place. */
  readonly constant: string | undefined;
  readonly isNonNull: boolean;
  readonly nested: FieldsByType | undefined;
}

type FieldsByType = (typename: unknown) => readonly FieldReader[];

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
  const fieldsOf = compileShape(
    requires,
    rewrites.map((rewrite) => ({ rewrite, path: rewrite.path })),
    { schema },
  );
  const shapes = new Map<unknown, RepresentationShape>();
  return {
    shapeOf: (entity) => {
      const typename = entity['__typename'];
      const known = shapes.get(typename);
      if (known) return known;
      const shape = createRepresentationShape(fieldsOf(typename));
      if (typeNamed(typename, schema)) shapes.set(typename, shape);
      return shape;
    },
    findCause: (entity, failureAt) => findCause(entity, fieldsOf, failureAt),
  };
}

function createRepresentationShape(fields: readonly FieldReader[]): RepresentationShape {
  const represent = (entity: DataObject) => objectText(entity, fields);
  // Its type's name is the same for all entities of a shape.
  const [only, ...others] = fields.filter(
    ({ key, constant, nested }) => nested || (constant === undefined && key !== '__typename'),
  );
  const hasSingleKey = only && others.length === 0 && !only.nested;
  return {
    identify: (entity) => {
      if (!hasSingleKey) return fields.length === 0 ? undefined : represent(entity);
      const value = only.read(entity);
      // Texts begin with a brace, so a key that does must not stand for itself.
      const isKey = typeof value === 'string' ? !value.startsWith('{') : typeof value === 'number';
      return isKey ? (value as EntityIdentity) : represent(entity);
    },
    represent: (entity) => represent(entity) ?? '',
  };
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

function nestedText(value: unknown, shape: FieldsByType): string | undefined {
  if (value === null) return 'null';
  if (Array.isArray(value)) {
    const items = value.map((item) => nestedText(item, shape));
    return items.includes(undefined) ? undefined : `[${items.join(',')}]`;
  }
  return isDataObject(value) ? objectText(value, shape(value['__typename'])) : undefined;
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

/** A rewrite, and how much of its path lies below the selection that it is seen from. */
interface PendingRewrite {
  readonly rewrite: FetchDataRewrite;
  readonly path: readonly string[];
}

interface ShapeContext {
  readonly schema: GraphQLSchema;
}

const fragmentPrefix = '... on ';

/** What to read depends on the type of the object at hand; each type is worked out once. */
function compileShape(
  selections: readonly QueryPlanSelectionNode[],
  rewrites: readonly PendingRewrite[],
  context: ShapeContext,
): FieldsByType {
  const known = new Map<unknown, readonly FieldReader[]>();
  return (typename) => {
    const found = known.get(typename);
    if (found) return found;
    const fields = compileFields(selections, typename, rewrites, context);
    // A name that is no type of the supergraph came from a subgraph that may send any number of them.
    if (typename === undefined || typeNamed(typename, context.schema)) known.set(typename, fields);
    return fields;
  };
}

function compileFields(
  selections: readonly QueryPlanSelectionNode[],
  typename: unknown,
  rewrites: readonly PendingRewrite[],
  context: ShapeContext,
): readonly FieldReader[] {
  const applicable = rewrites.flatMap((pending) => enterType(pending, typename, context.schema));
  const selectionsByKey = new Map<string, QueryPlanSelectionNode[] | undefined>();
  collect(selections, typename, context, selectionsByKey);
  return [...selectionsByKey].map(([key, nested]) => {
    const below = applicable.filter(({ path }) => path[0] === key);
    const own = below.filter(({ path }) => path.length === 1).map(({ rewrite }) => rewrite);
    const setter = own.find((rewrite) => rewrite.kind === 'ValueSetter');
    const renamer = own.find((rewrite) => rewrite.kind === 'KeyRenamer');
    const deeper = below
      .filter(({ path }) => path.length > 1)
      .map(({ rewrite, path }) => ({ rewrite, path: path.slice(1) }));
    return {
      key,
      read: readerOf(key),
      prefix: `${JSON.stringify(renamer?.renameKeyTo ?? key)}:`,
      constant: setter && JSON.stringify(setter.setValueTo),
      isNonNull: isNonNullField(typename, key, context.schema),
      nested: nested && compileShape(nested, deeper, context),
    };
  });
}

/** Fields of one key that several fragments select become one field with the selections of all. */
function collect(
  selections: readonly QueryPlanSelectionNode[],
  typename: unknown,
  context: ShapeContext,
  into: Map<string, QueryPlanSelectionNode[] | undefined>,
): void {
  for (const selection of selections) {
    if (selection.kind === 'InlineFragment') {
      const { typeCondition } = selection;
      if (typeCondition !== undefined && !isOfType(typename, typeCondition, context.schema)) continue;
      collect(selection.selections, typename, context, into);
      continue;
    }
    const key = selection.alias ?? selection.name;
    const nested = selection.selections && [...(into.get(key) ?? []), ...selection.selections];
    into.set(key, nested);
  }
}

/** Follows a rewrite through the type conditions at the head of its path; gone when one does not fit. */
function enterType(
  { rewrite, path }: PendingRewrite,
  typename: unknown,
  schema: GraphQLSchema,
): readonly PendingRewrite[] {
  const [first] = path;
  if (!first?.startsWith(fragmentPrefix)) return [{ rewrite, path }];
  // An object without a name is one that nobody needed the name of: what is meant for its type applies.
  const fits = typename === undefined || isOfType(typename, first.slice(fragmentPrefix.length), schema);
  return fits ? enterType({ rewrite, path: path.slice(1) }, typename, schema) : [];
}

/** The type that a subgraph's `__typename` names, if it names one. */
export const typeNamed = (typename: unknown, schema: GraphQLSchema): GraphQLNamedType | undefined =>
  typeof typename === 'string' ? schema.getType(typename) : undefined;

/** Whether objects of one type count as another: itself, or an interface or union that it belongs to. */
export function isOfType(typename: unknown, condition: string, schema: GraphQLSchema): boolean {
  if (typename === condition) return true;
  const type = typeNamed(typename, schema);
  const conditionType = schema.getType(condition);
  if (!type || !conditionType || !isAbstractType(conditionType)) return false;
  return (isObjectType(type) || isInterfaceType(type)) && schema.isSubType(conditionType, type);
}

function isNonNullField(typename: unknown, key: string, schema: GraphQLSchema): boolean {
  const type = typeNamed(typename, schema);
  if (!isObjectType(type) && !isInterfaceType(type)) return false;
  const field = type.getFields()[key];
  return field !== undefined && isNonNullType(field.type);
}
