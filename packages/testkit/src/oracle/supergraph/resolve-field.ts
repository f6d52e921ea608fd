import { Kind, valueFromASTUntyped, type FieldNode, type SelectionSetNode, type TypeNode } from 'graphql';

import { canFail, failureOf, type FailureMode } from './failures.ts';
import type { FieldModel } from './model.ts';
import { wordOf } from './seeded-chance.ts';
import { canonical, fieldsIn, parseSelection, type World, type WorldNode } from './world.ts';

/** One run of one operation, in the monolith or in all subgraphs. */
export interface Run {
  readonly world: World;
  readonly failures: FailureMode;
  /** The labels of `@override` that are on. */
  readonly labels: readonly string[];
  /** How many mutations there were. */
  mutations: number;
  /** Something that a `@requires` needed has failed, which the operation itself may not have asked for. */
  hasHiddenFailure: boolean;
  /** How many fields failed. */
  failed: number;
}

export const startRun = (world: World, failures: FailureMode, labels: readonly string[] = []): Run => ({
  world,
  failures,
  labels,
  mutations: 0,
  hasHiddenFailure: false,
  failed: 0,
});

/** The value of a field that requires nothing, after failures. */
export function plainValue(
  run: Run,
  node: WorldNode,
  field: FieldModel,
  args: Readonly<Record<string, unknown>>,
): unknown {
  const failure = canFail(run.world, node, field) ? failureOf(run.failures, node, field) : undefined;
  if (failure) run.failed += 1;
  if (failure === 'throws') throw new Error(`${node.identity}.${field.name} failed`);
  if (failure === 'nulls') return null;
  if (node.__typename === 'Mutation' && field.name.startsWith('count')) return (run.mutations += 1);
  return run.world.valueOf(node, field, args);
}

/** What a field with `@requires` makes of what it requires. */
export const requiredValue = (field: FieldModel, required: unknown, args: object): string =>
  `${field.name}~${wordOf(canonical([required, args]))}`;

/** The value of any field as the monolith gives it. */
export function wholeValue(
  run: Run,
  node: WorldNode,
  field: FieldModel,
  args: Readonly<Record<string, unknown>>,
): unknown {
  const requires = Object.values(field.uses).find((use) => use?.requires !== undefined)?.requires;
  if (requires === undefined) return plainValue(run, node, field, args);
  const required = selectFromWorld(run, node, parseSelection(requires));
  if (required === null)
    // What is required and may not be null never fails.
    throw new TypeError(`${node.identity}.${field.name} misses what it requires`);
  const value = plainValue(run, node, field, args);
  return value === null ? null : requiredValue(field, required, args);
}

/** What a selection gives, as in an answer; `null` when something in it must not be null and is. */
function selectFromWorld(run: Run, node: WorldNode, set: SelectionSetNode): Record<string, unknown> | null {
  const result: Record<string, unknown> = {};
  for (const selection of fieldsIn(set)) {
    const field = run.world.field(node.__typename, selection.name.value);
    if (!field)
      throw new Error(`Expected ${node.__typename} to have ${selection.name.value}, but it has not`);
    const type = run.world.typeOf(field);
    const value = complete(
      run,
      type,
      orHidden(run, () => wholeValue(run, node, field, argsOf(selection, field))),
      selection,
    );
    if (value === undefined) return null;
    result[field.name] = value;
  }
  return result;
}

function orHidden(run: Run, read: () => unknown): unknown {
  try {
    return read();
  } catch {
    run.hasHiddenFailure = true;
    return null;
  }
}

/** `undefined` for a null that the type does not allow. */
function complete(run: Run, type: TypeNode, value: unknown, selection: FieldNode): unknown {
  if (type.kind === Kind.NON_NULL_TYPE) return complete(run, type.type, value, selection) ?? undefined;
  if (value === null || value === undefined) return null;
  if (type.kind === Kind.LIST_TYPE) {
    const items = (value as unknown[]).map((item) => complete(run, type.type, item, selection));
    return items.includes(undefined) ? null : items;
  }
  return selection.selectionSet ? selectFromWorld(run, value as WorldNode, selection.selectionSet) : value;
}

function argsOf(selection: FieldNode, field: FieldModel): Record<string, unknown> {
  const defaults = field.args
    .filter(({ defaultValue, only }) => defaultValue !== undefined && !only)
    .map(({ name, defaultValue }) => [name, defaultValue]);
  const given = (selection.arguments ?? []).map(({ name, value }) => [
    name.value,
    valueFromASTUntyped(value),
  ]);
  return Object.fromEntries([...defaults, ...given]) as Record<string, unknown>;
}

/** What a representation says about a selection: only that, in one form, `undefined` when something is missing. */
export function selectFromRepresentation(value: unknown, set: SelectionSetNode): unknown {
  if (Array.isArray(value)) {
    const items = value.map((item) => selectFromRepresentation(item, set));
    return items.includes(undefined) ? undefined : items;
  }
  if (typeof value !== 'object' || value === null) return value;
  const result: Record<string, unknown> = {};
  for (const { name, selectionSet } of fieldsIn(set)) {
    const part = (value as Record<string, unknown>)[name.value];
    const selected = selectionSet ? selectFromRepresentation(part, selectionSet) : part;
    if (selected === undefined) return undefined;
    result[name.value] = selected;
  }
  return result;
}

/** @example providesAll('name ref { code }', 'name') // true */
export const providesAll = (provides: string, requires: string): boolean => {
  const names = fieldsIn(parseSelection(provides)).map(({ name }) => name.value);
  return fieldsIn(parseSelection(requires)).every(({ name }) => names.includes(name.value));
};
