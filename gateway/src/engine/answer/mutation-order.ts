import { getNamedType, print, type GraphQLCompositeType } from 'graphql';

import type { FieldSelection, FragmentSelection, Selection, Selections } from './selection.ts';

/**
 * Writes the fields of a mutation one after the other, as they are to be run, and each once. The planner makes one of
 * equal fragments, so that what stands between them comes too late; and what it finds twice, once under a condition and
 * once without, it has run twice.
 *
 * @example
 * // ... { a } b ... { c } becomes a b c
 * // a @include(if: $x) { id } b a { name } becomes a { ... @include(if: $x) { id } name } b
 */
export function inMutationOrder(selections: Selections): Selections {
  const flat = selections.flatMap((selection) => flatten(selection, { directives: [], conditions: [] }));
  const merged = new Set<string>();
  return flat.flatMap((selection): Selection[] => {
    if (merged.has(selection.dataKey)) return [];
    const same = flat.filter((other) => other.dataKey === selection.dataKey);
    const always = same.find(({ conditions }) => conditions.length === 0);
    // The planner itself makes one of those that are under no condition.
    if (!always || same.every(({ conditions }) => conditions.length === 0)) return [nestRepeated(selection)];
    merged.add(selection.dataKey);
    return [{ ...always, selections: always.selections && same.flatMap(insideOf) }];
  });
}

type Applied = Pick<Selection, 'directives' | 'conditions'>;

/** The fields in a selection, each with all that is said of the fragments around it. */
function flatten(selection: Selection, around: Applied): FieldSelection[] {
  const known = new Set(around.directives.map((directive) => print(directive)));
  const applied: Applied = {
    directives: [...around.directives, ...selection.directives.filter((own) => !known.has(print(own)))],
    conditions: [...around.conditions, ...selection.conditions],
  };
  if (selection.kind === 'field') return [{ ...selection, ...applied }];
  return selection.selections.flatMap((inner) => flatten(inner, applied));
}

/** What is selected in a field, under the conditions of the field. */
function insideOf({ definition, selections = [], ...applied }: FieldSelection): Selections {
  if (applied.conditions.length === 0) return selections;
  const type = getNamedType(definition.type) as GraphQLCompositeType;
  return [nestRepeated(fragmentOf(type, selections, applied))];
}

/** A directive may stand at one place once: two `@include` go one around the other. */
function nestRepeated(selection: Selection): Selection {
  const { directives, conditions } = selection;
  const repeated = directives.filter(({ name }, index) =>
    directives.slice(0, index).some((before) => before.name.value === name.value),
  );
  if (repeated.length === 0) return selection;
  const once = { ...selection, directives: directives.filter((directive) => !repeated.includes(directive)) };
  const type = selection.kind === 'field' ? selection.parent : selection.type;
  return nestRepeated(fragmentOf(type, [once], { directives: repeated, conditions }));
}

const fragmentOf = (
  type: GraphQLCompositeType,
  selections: Selections,
  { directives, conditions }: Applied,
): FragmentSelection => ({
  kind: 'fragment',
  directives,
  conditions,
  name: undefined,
  on: undefined,
  type,
  defer: undefined,
  selections,
});
