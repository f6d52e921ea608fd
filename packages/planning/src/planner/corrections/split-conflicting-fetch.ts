import type { FetchNode, QueryPlanSelectionNode } from '@apollo/query-planner';
import {
  Kind,
  parse,
  print,
  stripIgnoredCharacters,
  visit,
  type FieldNode,
  type OperationDefinitionNode,
  type SelectionNode,
} from 'graphql';

import { inputSources, placeOf, type InputSources, type Requirements } from './required-inputs.ts';
import type { StandIn } from './separate-required-arguments.ts';

/** One way to fill representations: what is read for each place that can be filled in several ways. */
type Choice = Map<string, ReadonlySet<string>>;

/**
 * Splits a fetch whose fields require one field with different arguments: a representation has room for one of them.
 * Each part sends what its own fields require.
 */
export function splitConflictingFetch(
  fetch: FetchNode,
  standIns: ReadonlyMap<string, StandIn>,
  requirements: Requirements,
): readonly FetchNode[] {
  const conflicts = conflictsIn(fetch.requires ?? [], standIns);
  if (conflicts.size === 0) return [fetch];
  const needOf = (typeNames: readonly string[], field: string): InputSources =>
    only(conflicts, requirements.of(fetch.serviceName, typeNames, field));
  const choices = chooseParts(fieldsOf(entitiesOf(fetch)).map(([types, field]) => needOf(types, field)));
  if (choices.length < 2) return [fetch];
  return choices.map((choice, index) => {
    const belongs = (typeNames: readonly string[], field: string): boolean =>
      choices.findIndex((other) => isCompatible(other, needOf(typeNames, field))) === index;
    return {
      ...withSelections(fetch, belongs),
      requires: withoutOthers(fetch.requires ?? [], '', { conflicts, choice, standIns }),
      ...(fetch.id !== undefined && index > 0 && { id: `${fetch.id}.${index}` }),
    };
  });
}

/** Places that would be filled from several keys, with these keys. */
function conflictsIn(
  requires: readonly QueryPlanSelectionNode[],
  standIns: ReadonlyMap<string, StandIn>,
): ReadonlySet<string> {
  return new Set(
    [...inputSources(requires, standIns)].filter(([, keys]) => keys.size > 1).map(([place]) => place),
  );
}

const only = (places: ReadonlySet<string>, sources: InputSources): InputSources =>
  new Map([...sources].filter(([place]) => places.has(place)));

/** As few choices as come of taking the fields in their order. */
function chooseParts(needs: readonly InputSources[]): Choice[] {
  const choices: Choice[] = [];
  for (const need of needs) {
    const choice = choices.find((choice) => isMergeable(choice, need)) ?? addChoice(choices);
    for (const [place, keys] of need) choice.set(place, keys);
  }
  return choices;
}

function addChoice(choices: Choice[]): Choice {
  const choice: Choice = new Map();
  choices.push(choice);
  return choice;
}

const isMergeable = (choice: Choice, need: InputSources): boolean =>
  [...need].every(([place, keys]) => {
    const chosen = choice.get(place);
    return !chosen || isSame(chosen, keys);
  });

/** Whether a choice, now that it is complete, gives a field what it needs. */
const isCompatible = (choice: Choice, need: InputSources): boolean =>
  [...need].every(([place, keys]) => isSame(choice.get(place) ?? new Set(), keys));

const isSame = (a: ReadonlySet<string>, b: ReadonlySet<string>): boolean =>
  a.size === b.size && [...a].every((key) => b.has(key));

interface PartOfRequires {
  readonly conflicts: ReadonlySet<string>;
  readonly choice: Choice;
  readonly standIns: ReadonlyMap<string, StandIn>;
}

function withoutOthers(
  nodes: readonly QueryPlanSelectionNode[],
  parent: string,
  part: PartOfRequires,
): QueryPlanSelectionNode[] {
  return nodes.flatMap((node) => {
    const place = node.kind === 'Field' ? placeOf(parent, node.name, part.standIns) : parent;
    const isOthers =
      node.kind === 'Field' && part.conflicts.has(place) && !part.choice.get(place)?.has(node.name);
    if (isOthers) return [];
    if (!node.selections) return [node];
    const selections = withoutOthers(node.selections, place, part);
    return selections.length > 0 ? [{ ...node, selections }] : [];
  });
}

/** The field `_entities` of a fetch. */
function entitiesOf(fetch: FetchNode): FieldNode {
  const operation = operationOf(fetch);
  const [entities] = operation.selectionSet.selections;
  if (entities?.kind !== Kind.FIELD)
    throw new Error(`Expected a fetch of entities, but got ${fetch.operation}`);
  return entities;
}

function operationOf({ operation }: FetchNode): OperationDefinitionNode {
  const [node] = parse(operation, { noLocation: true }).definitions;
  if (node?.kind !== Kind.OPERATION_DEFINITION)
    throw new Error(`Expected an operation, but got ${operation}`);
  return node;
}

/** The fields of entities, with the type that the innermost fragment around each is about. */
function fieldsOf(node: FieldNode): [types: string[], field: string][] {
  const found: [string[], string][] = [];
  const collect = (selections: readonly SelectionNode[], types: string[]): void => {
    for (const selection of selections) {
      if (selection.kind === Kind.FIELD) found.push([types, selection.name.value]);
      else if (selection.kind === Kind.INLINE_FRAGMENT)
        collect(selection.selectionSet.selections, innerTypes(types, selection.typeCondition?.name.value));
    }
  };
  collect(node.selectionSet?.selections ?? [], []);
  return found;
}

const innerTypes = (outer: string[], condition: string | undefined): string[] =>
  condition === undefined ? outer : [...outer, condition];

type Belongs = (typeNames: readonly string[], field: string) => boolean;

function withSelections(fetch: FetchNode, belongs: Belongs): FetchNode {
  const operation = operationOf(fetch);
  const entities = entitiesOf(fetch);
  const selections = filterFields(entities.selectionSet?.selections ?? [], [], belongs);
  const filtered: FieldNode = { ...entities, selectionSet: { kind: Kind.SELECTION_SET, selections } };
  const used = variablesIn(filtered);
  const document: OperationDefinitionNode = {
    ...operation,
    variableDefinitions:
      operation.variableDefinitions?.filter(({ variable }) => used.has(variable.name.value)) ?? [],
    selectionSet: { kind: Kind.SELECTION_SET, selections: [filtered] },
  };
  return {
    ...fetch,
    operation: stripIgnoredCharacters(print(document)),
    variableUsages: (fetch.variableUsages ?? []).filter((name) => used.has(name)),
  };
}

function filterFields(
  selections: readonly SelectionNode[],
  types: string[],
  belongs: Belongs,
): SelectionNode[] {
  return selections.flatMap((node): readonly SelectionNode[] => {
    if (node.kind === Kind.FIELD) return belongs(types, node.name.value) ? [node] : [];
    if (node.kind === Kind.FRAGMENT_SPREAD) return [node];
    const inner = filterFields(
      node.selectionSet.selections,
      innerTypes(types, node.typeCondition?.name.value),
      belongs,
    );
    return inner.length > 0 ? [{ ...node, selectionSet: { ...node.selectionSet, selections: inner } }] : [];
  });
}

function variablesIn(node: FieldNode): ReadonlySet<string> {
  const names = new Set<string>();
  visit(node, { Variable: ({ name }) => void names.add(name.value) });
  return names;
}
