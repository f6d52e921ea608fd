import { getNamedType, Kind, print, type DirectiveNode, type GraphQLCompositeType } from 'graphql';

import { tooMany } from '../../errors/gateway-errors.ts';
import type { Condition, FieldSelection, FragmentSelection, Selection, Selections } from './selection.ts';

// Each case of a field holds all that is selected in it.
const maxCases = 100;

/**
 * Writes the fields of a mutation one after the other, as they are to be run, and each once whatever the conditions. The
 * planner makes one of equal fragments, so that what stands between them comes too late; and what it finds twice, under
 * different conditions, it has run twice. So a field that stands at several places is written for each of them as it is
 * when no place before it counts, with all that is then selected in it.
 *
 * @example
 * // ... { a } b ... { c } becomes a b c
 * // a @include(if: $x) { id } b a { name } becomes a @include(if: $x) { id name } b a @skip(if: $x) { name }
 * @throws {OperationTooComplex} for a field under more conditions than can be told apart
 */
export function inMutationOrder(selections: Selections): Selections {
  const flat = selections.flatMap((selection) => flatten(selection, { directives: [], conditions: [] }));
  const places = Map.groupBy(flat, ({ dataKey }) => dataKey);
  let caseCount = 0;
  return flat.flatMap((selection): Selection[] => {
    const same = places.get(selection.dataKey) ?? [selection];
    if (same.length === 1) return [nestRepeated(selection)];
    const cases = casesOf(selection, same.slice(0, same.indexOf(selection)));
    caseCount += cases.length;
    if (caseCount > maxCases) throw tooMany('combinations of conditions on fields of a mutation', maxCases);
    return cases.map((settled) => nestRepeated(inCase(selection, same, settled)));
  });
}

type Applied = Pick<Selection, 'directives' | 'conditions'>;

/** Which variables are true and which are false, as far as that is settled. */
type Settled = ReadonlyMap<string, boolean>;

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

/** The cases, no two of which are ever the same, in which a field counts and none of those before it does. */
function casesOf({ conditions }: FieldSelection, before: readonly FieldSelection[]): readonly Settled[] {
  const own = settle(new Map(), conditions);
  let cases: readonly Settled[] = own ? [own] : [];
  for (const other of before) {
    cases = cases.flatMap((settled) => casesWithout(other, settled));
    if (cases.length > maxCases) return cases;
  }
  return cases;
}

/** Splits a case into those in which a field does not count. */
function casesWithout({ conditions }: FieldSelection, settled: Settled): Settled[] {
  const cases: Settled[] = [];
  let rest = settled;
  for (const { variable, wanted } of conditions) {
    const value = rest.get(variable);
    if (value === wanted) continue;
    cases.push(new Map(rest).set(variable, !wanted));
    // It is the other value already, so the field never counts in the rest.
    if (value !== undefined) return cases;
    rest = new Map(rest).set(variable, wanted);
  }
  return cases;
}

/** What is settled where these conditions hold as well; `undefined` where they never do. */
function settle(settled: Settled, conditions: readonly Condition[]): Settled | undefined {
  const result = new Map(settled);
  for (const { variable, wanted } of conditions) {
    if ((result.get(variable) ?? wanted) !== wanted) return undefined;
    result.set(variable, wanted);
  }
  return result;
}

/** A field as it is in one case, with all that is selected in it at all its places. */
function inCase(field: FieldSelection, same: readonly FieldSelection[], settled: Settled): FieldSelection {
  const others = field.directives.filter((directive) => !isConditional(directive));
  return {
    ...field,
    conditions: [...settled].map(([variable, wanted]) => ({ variable, wanted })),
    directives: [...others, ...[...settled].map(toDirective)],
    selections: field.selections && same.flatMap((place) => insideOf(place, settled)),
  };
}

/** What is selected in a field at one of its places, under what of its conditions is not settled. */
function insideOf({ definition, selections = [], conditions }: FieldSelection, settled: Settled): Selections {
  const all = settle(settled, conditions);
  if (!all) return [];
  if (all.size === settled.size) return selections;
  const left = [...all].filter(([variable]) => !settled.has(variable));
  return [
    nestRepeated(
      fragmentOf(getNamedType(definition.type) as GraphQLCompositeType, selections, {
        conditions: left.map(([variable, wanted]) => ({ variable, wanted })),
        directives: left.map(toDirective),
      }),
    ),
  ];
}

const isConditional = ({ name }: DirectiveNode): boolean => name.value === 'include' || name.value === 'skip';

const toDirective = ([variable, wanted]: readonly [string, boolean]): DirectiveNode => ({
  kind: Kind.DIRECTIVE,
  name: { kind: Kind.NAME, value: wanted ? 'include' : 'skip' },
  arguments: [
    {
      kind: Kind.ARGUMENT,
      name: { kind: Kind.NAME, value: 'if' },
      value: { kind: Kind.VARIABLE, name: { kind: Kind.NAME, value: variable } },
    },
  ],
});

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
