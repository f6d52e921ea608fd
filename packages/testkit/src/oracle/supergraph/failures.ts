import type { FieldModel } from './model.ts';
import { hashOf } from './seeded-chance.ts';
import type { World, WorldNode } from './world.ts';

/** What goes wrong while an operation runs. */
export type FailureMode =
  | { readonly kind: 'none' }
  /** In some objects some fields throw, or are null whatever their type says. */
  | { readonly kind: 'throws' | 'nulls'; readonly seed: string; readonly percent: number }
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

/** Keys are never lost: without them it is not known what an object is. */
export function canFail(world: World, { __typename }: WorldNode, field: FieldModel): boolean {
  const object = world.model.objects.find(({ name }) => name === __typename);
  const keys = object?.keys.map(({ fields }) => fields).join(' ') ?? '';
  return field.name !== 'code' && !new RegExp(`\\b${field.name}\\b`).test(keys);
}
