import type { FetchDataRewrite, QueryPlanSelectionNode } from '@apollo/query-planner';
import {
  isAbstractType,
  isInterfaceType,
  isNonNullType,
  isObjectType,
  type GraphQLNamedType,
  type GraphQLSchema,
} from 'graphql';

import type { Failure, Failures } from '../answer/failures.ts';
import { isDataObject, readKey, type DataObject } from './data-tree.ts';
import { jsonText } from './json-text.ts';

/**
 * The JSON text of an entity's representation, or `undefined` where there is none to ask for: no type condition fits,
 * or something that the subgraph must be given is missing.
 */
export type Represent = (entity: DataObject) => string | undefined;

/** Finds why an entity has no representation: the failure that left out what is missing. */
export type FindCause = (entity: DataObject, failures: Failures) => Failure | undefined;

export interface RepresentationReader {
  readonly represent: Represent;
  readonly findCause: FindCause;
}

/** A field of a representation. */
interface FieldReader {
  readonly key: string;
  /** `"name":`, with the name that the subgraph knows it by. */
  readonly prefix: string;
  /** What a rewrite puts in its place. */
  readonly constant: string | undefined;
  readonly isNonNull: boolean;
  readonly nested: ShapeByType | undefined;
}

type ShapeByType = (typename: unknown) => readonly FieldReader[];

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
  const shape = compileShape(
    requires,
    rewrites.map((rewrite) => ({ rewrite, path: rewrite.path })),
    { schema },
  );
  return {
    represent: (entity) => {
      const fields = shape(entity['__typename']);
      return fields.length === 0 ? undefined : objectText(entity, fields);
    },
    findCause: (entity, failures) => findCause(entity, shape, failures),
  };
}

function objectText(object: DataObject, fields: readonly FieldReader[]): string | undefined {
  let text = '';
  for (const field of fields) {
    const value = field.constant ?? valueText(readKey(object, field.key), field);
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

function nestedText(value: unknown, shape: ShapeByType): string | undefined {
  if (value === null) return 'null';
  if (Array.isArray(value)) {
    const items = value.map((item) => nestedText(item, shape));
    return items.includes(undefined) ? undefined : `[${items.join(',')}]`;
  }
  return isDataObject(value) ? objectText(value, shape(value['__typename'])) : undefined;
}

function findCause(object: DataObject, shape: ShapeByType, failures: Failures): Failure | undefined {
  for (const { key, constant, nested } of shape(object['__typename'])) {
    if (constant !== undefined) continue;
    const [own] = failures.at(object, key);
    if (own) return own;
    for (const item of nested ? [readKey(object, key)].flat(Infinity) : []) {
      const found = nested && isDataObject(item) ? findCause(item, nested, failures) : undefined;
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
): ShapeByType {
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
