import type { FieldModel, SupergraphModel } from './model.ts';
import { hashOf } from './seeded-chance.ts';
import type { World, WorldNode } from './world.ts';

/** What goes wrong while an operation runs. */
export type FailureMode =
  | { readonly kind: 'none' }
  /** In some objects some fields throw, or are null whatever their type says. */
  | { readonly kind: 'throws' | 'nulls'; readonly seed: string; readonly percent: number }
  /** A subgraph does not find some entities by reference. */
  | { readonly kind: 'missing'; readonly seed: string; readonly percent: number; readonly subgraph: string }
  /** A subgraph does not answer at all. */
  | { readonly kind: 'down'; readonly subgraph: string };

/** What has happened to a field of an object; the same in every subgraph and in the monolith. */
export function failureOf(
  mode: FailureMode,
  node: WorldNode,
  { name }: FieldModel,
): 'throws' | 'nulls' | undefined {
  if (mode.kind !== 'throws' && mode.kind !== 'nulls') return undefined;
  const isHit = hashOf(`${mode.seed} ${node.identity} ${name}`) % 100 < mode.percent;
  return isHit ? mode.kind : undefined;
}

export const isMissing = (mode: FailureMode, { identity }: WorldNode, subgraph: string): boolean =>
  mode.kind === 'missing' &&
  mode.subgraph === subgraph &&
  hashOf(`${mode.seed} ${identity}`) % 100 < mode.percent;

/**
 * Keys are never lost: without them it is not known what an object is. Nor is what a `@requires` needs and may not be
 * null: a plan may fetch it along with the object, which would then be null although nobody asked for the field.
 */
export function canFail({ model }: World, { __typename }: WorldNode, { name, type }: FieldModel): boolean {
  const keys = model.objects.find((object) => object.name === __typename)?.keys ?? [];
  const isNamedIn = (selection: string) => new RegExp(`\\b${name}\\b`).test(selection);
  if (name === 'code' || keys.some(({ fields }) => isNamedIn(fields))) return false;
  return !type.endsWith('!') || !requirementsOf(model).some(isNamedIn);
}

const requirements = new WeakMap<SupergraphModel, readonly string[]>();

function requirementsOf(model: SupergraphModel): readonly string[] {
  const known = requirements.get(model);
  if (known) return known;
  const fields = [...model.objects, ...model.interfaces.flatMap(({ object }) => object ?? [])].flatMap(
    (type) => type.fields,
  );
  const found = fields.flatMap(({ uses }) => Object.values(uses).flatMap((use) => use?.requires ?? []));
  requirements.set(model, found);
  return found;
}
