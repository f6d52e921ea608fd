import type { QueryPlan, QueryPlanSelectionNode } from '@apollo/query-planner';
import { Kind, type DocumentNode, type SelectionNode } from 'graphql';

import { entitiesOf, entityFields } from './entity-fields.ts';
import { askedPaths, fetchedPaths, type FieldPaths } from './fetched-paths.ts';
import { parseFieldSet } from './field-set.ts';
import { joinPath, placedFetches, type PlacedFetch } from './placed-fetches.ts';
import type { Requirements } from './required-inputs.ts';
import { joinsOf, namedType, textArgument, type SupergraphTypes } from './supergraph-types.ts';

/** An object that a field requires something of. */
interface RequiredObject {
  readonly path: string;
  readonly typeName: string;
  /** What is required of it. */
  readonly keys: ReadonlySet<string>;
}

/** What finding them reads of the supergraph. */
export interface ObjectsContext {
  readonly types: SupergraphTypes;
  readonly requirements: Requirements;
}

/**
 * Whether objects that a field requires may be null because of what others ask for in them: where a field fails that
 * must not be null, its object is null in an answer for everybody who asked for the object in this place.
 *
 * @example
 * // With @requires(fields: "author { name }") and email: String! this operation shares the author:
 * // { post { byline author { email } } }
 */
export function sharesRequiredObjects(
  plan: QueryPlan,
  document: DocumentNode,
  context: ObjectsContext,
): boolean {
  const objects = placedFetches(plan).flatMap((placed) => requiredObjects(placed, context));
  if (objects.length === 0) return false;
  const fetched = childrenByPath(fetchedPaths(plan));
  const asked = childrenByPath(askedPaths(document));
  return objects.some(({ path, typeName, keys }) => {
    const children = [...(fetched.get(path) ?? [])];
    const inDanger = children.filter(([, name]) => mayFail(context.types, typeName, name));
    const client = asked.get(path);
    return inDanger.some(([key]) => !keys.has(key) || (client !== undefined && !client.has(key)));
  });
}

function requiredObjects({ fetch, path: start }: PlacedFetch, context: ObjectsContext): RequiredObject[] {
  if (!hasObjects(fetch.requires ?? [])) return [];
  const found: RequiredObject[] = [];
  const collect = (selections: readonly SelectionNode[], parent: string, typeName: string): void => {
    for (const node of selections) {
      if (node.kind === Kind.FRAGMENT_SPREAD || !node.selectionSet) continue;
      const inside = node.selectionSet.selections;
      if (node.kind === Kind.INLINE_FRAGMENT) {
        collect(inside, parent, node.typeCondition?.name.value ?? typeName);
        continue;
      }
      const field = context.types.field(typeName, node.name.value);
      if (!field) continue;
      const path = joinPath(parent, node.name.value);
      found.push({ path, typeName: namedType(field.type), keys: keysIn(inside) });
      collect(inside, path, namedType(field.type));
    }
  };
  for (const { types, node } of entityFields(entitiesOf(fetch).entities)) {
    const fieldSets = context.requirements.fieldSets(fetch.serviceName, types, node.name.value);
    for (const { typeName, selections } of fieldSets) collect(selections, start, typeName);
  }
  return found;
}

/** Cheaper than looking closely: most representations have values only. */
const hasObjects = (nodes: readonly QueryPlanSelectionNode[]): boolean =>
  nodes.some(({ kind, selections }) => selections && (kind === 'Field' || hasObjects(selections)));

/** Also those for some types only. */
const keysIn = (nodes: readonly SelectionNode[]): ReadonlySet<string> =>
  new Set(
    nodes.flatMap((node) => {
      if (node.kind === Kind.FIELD) return [node.name.value];
      return node.kind === Kind.INLINE_FRAGMENT ? [...keysIn(node.selectionSet.selections)] : [];
    }),
  );

/** For each object the keys in it, with the names of their fields. */
function childrenByPath(paths: FieldPaths): ReadonlyMap<string, ReadonlyMap<string, string>> {
  const children = new Map<string, Map<string, string>>();
  for (const [path, name] of paths) {
    const end = path.lastIndexOf('.');
    const parent = path.slice(0, Math.max(0, end));
    const siblings = children.get(parent) ?? new Map<string, string>();
    children.set(parent, siblings.set(path.slice(end + 1), name));
  }
  return children;
}

/** Whether somewhere it must not be null. A key never fails: without it nobody knows which object it is. */
function mayFail(types: SupergraphTypes, typeName: string, fieldName: string): boolean {
  return types.relatives(typeName).some((name) => {
    const field = types.field(name, fieldName);
    const isNonNull =
      field?.type.kind === Kind.NON_NULL_TYPE ||
      (field && joinsOf(field).some((join) => textArgument(join, 'type')?.endsWith('!')));
    return isNonNull && !isKey(types, name, fieldName);
  });
}

const isKey = (types: SupergraphTypes, typeName: string, fieldName: string): boolean =>
  types
    .directives(typeName)
    .flatMap((directive) =>
      directive.name.value === 'join__type' ? (textArgument(directive, 'key') ?? []) : [],
    )
    .flatMap((key) => parseFieldSet(key).selections)
    .some((node) => node.kind === Kind.FIELD && node.name.value === fieldName);
