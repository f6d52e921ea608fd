import type { FetchNode, QueryPlanSelectionNode } from '@apollo/query-planner';
import {
  Kind,
  print,
  stripIgnoredCharacters,
  visit,
  type FieldNode,
  type OperationDefinitionNode,
  type SelectionNode,
} from 'graphql';

import { divideFields, type FetchPart } from './divide-fields.ts';
import { entitiesOf, entityFields, type EntityField } from './entity-fields.ts';
import { mergeSelections } from './merge-selections.ts';
import { inputSources, placeOf, type Requirements } from './required-inputs.ts';
import type { StandIn } from './separate-required-arguments.ts';

/** What splitting reads of the supergraph. */
export interface SplitContext {
  readonly standIns: ReadonlyMap<string, StandIn>;
  readonly requirements: Requirements;
}

/**
 * Splits a fetch whose fields cannot share representations (see `divideFields`) into several that can run side by
 * side, each of which sends what its own fields require.
 */
export function splitFetch(fetch: FetchNode, context: SplitContext): readonly FetchNode[] {
  if (!mayNeedSplit(fetch, context)) return [fetch];
  const { operation, entities } = entitiesOf(fetch);
  const fields = entityFields(entities);
  const inputsOf = ({ types, node }: EntityField) =>
    context.requirements.of(fetch.serviceName, types, node.name.value);
  const parts = divideFields(fields, inputsOf);
  if (parts.length < 2) return [fetch];
  const keys = context.requirements.keysOf(
    fetch.serviceName,
    fields.flatMap(({ types }) => types),
  );
  const optional = new Set(
    parts.flatMap(({ inputs }) => [...inputs.keys()]).filter((place) => !keys.has(place)),
  );
  return parts.map((part, index) => ({
    ...withFields(fetch, operation, entities, part),
    requires: mergeSelections(withoutOthers(fetch.requires ?? [], '', { optional, part, context })),
    ...(fetch.id !== undefined && index > 0 && { id: `${fetch.id}.${index}` }),
  }));
}

/** Cheaper than looking closely: most fetches have neither conditions nor two sources for one place. */
const mayNeedSplit = ({ requires, operation }: FetchNode, { standIns }: SplitContext): boolean =>
  requires !== undefined &&
  (/@(include|skip)\(/.test(operation) ||
    [...inputSources(requires, standIns).values()].some(({ size }) => size > 1));

interface PartOfRequires {
  /** Places that may be left out. */
  readonly optional: ReadonlySet<string>;
  readonly part: FetchPart;
  readonly context: SplitContext;
}

function withoutOthers(
  nodes: readonly QueryPlanSelectionNode[],
  parent: string,
  of: PartOfRequires,
): QueryPlanSelectionNode[] {
  return nodes.flatMap((node) => {
    const place = node.kind === 'Field' ? placeOf(parent, node.name, of.context.standIns) : parent;
    const isOthers =
      node.kind === 'Field' && of.optional.has(place) && !of.part.inputs.get(place)?.has(node.name);
    if (isOthers) return [];
    if (!node.selections) return [node];
    const selections = withoutOthers(node.selections, place, of);
    return selections.length > 0 ? [{ ...node, selections }] : [];
  });
}

function withFields(
  fetch: FetchNode,
  operation: OperationDefinitionNode,
  entities: FieldNode,
  { nodes }: FetchPart,
): FetchNode {
  const selections = onlyFields(entities.selectionSet?.selections ?? [], nodes);
  const ofPart: FieldNode = { ...entities, selectionSet: { kind: Kind.SELECTION_SET, selections } };
  const used = variablesIn(ofPart);
  const document: OperationDefinitionNode = {
    ...operation,
    variableDefinitions:
      operation.variableDefinitions?.filter(({ variable }) => used.has(variable.name.value)) ?? [],
    selectionSet: { kind: Kind.SELECTION_SET, selections: [ofPart] },
  };
  return {
    ...fetch,
    operation: stripIgnoredCharacters(print(document)),
    variableUsages: (fetch.variableUsages ?? []).filter((name) => used.has(name)),
  };
}

function onlyFields(
  selections: readonly SelectionNode[],
  fields: ReadonlySet<SelectionNode>,
): SelectionNode[] {
  return selections.flatMap((node): readonly SelectionNode[] => {
    if (node.kind !== Kind.INLINE_FRAGMENT) return fields.has(node) ? [node] : [];
    const inner = onlyFields(node.selectionSet.selections, fields);
    return inner.length > 0 ? [{ ...node, selectionSet: { ...node.selectionSet, selections: inner } }] : [];
  });
}

function variablesIn(node: FieldNode): ReadonlySet<string> {
  const names = new Set<string>();
  visit(node, { Variable: ({ name }) => void names.add(name.value) });
  return names;
}
