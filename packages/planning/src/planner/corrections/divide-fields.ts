import type { FieldNode } from 'graphql';

import type { EntityField } from './entity-fields.ts';
import type { InputSources } from './required-inputs.ts';

/** Fields that can be asked for by the same representations. */
export interface FetchPart {
  readonly condition: string;
  readonly inputs: InputSources;
  readonly nodes: Set<FieldNode>;
}

/**
 * Divides fields so that representations suit all fields of a part. Two fields do not go together when they require
 * one field with different arguments, and when one requires under a condition what the other does not require: then
 * it is fetched only under that condition, and without it there would be no representation for either.
 */
export function divideFields(
  fields: readonly EntityField[],
  inputsOf: (field: EntityField) => InputSources,
): readonly FetchPart[] {
  const parts: FetchPart[] = [];
  // Without condition first: what they require is there for the others.
  const ordered = fields.toSorted((a, b) => Number(a.condition !== '') - Number(b.condition !== ''));
  for (const field of ordered) {
    const inputs = inputsOf(field);
    const part = parts.find((part) => suits(part, field, inputs)) ?? addPart(parts, field);
    part.nodes.add(field.node);
    for (const [place, keys] of inputs) part.inputs.set(place, keys);
  }
  return parts;
}

function addPart(parts: FetchPart[], { condition }: EntityField): FetchPart {
  const part: FetchPart = { condition, inputs: new Map(), nodes: new Set() };
  parts.push(part);
  return part;
}

function suits(part: FetchPart, { condition }: EntityField, inputs: InputSources): boolean {
  const isAgreed = [...inputs].every(([place, keys]) => isSame(part.inputs.get(place) ?? keys, keys));
  const isThereAnyway = [...inputs.keys()].every((place) => part.inputs.has(place));
  return isAgreed && (part.condition === condition || (part.condition === '' && isThereAnyway));
}

const isSame = (a: ReadonlySet<string>, b: ReadonlySet<string>): boolean =>
  a.size === b.size && [...a].every((key) => b.has(key));
