import type { FieldShape, ObjectPlace, ValueShape } from './shape.ts';

/**
 * Translates data keys beneath a missing value to the client's path, as far as the client asked: what follows a key
 * that only another fetch needed is nothing that it could find.
 *
 * @example pathBeneath(shapeOfPosts, ['edges', 0, 'node__1', 'title']) // ['edges', 0, 'first', 'title']
 */
export function pathBeneath(
  shape: ValueShape,
  rest: readonly (string | number)[],
): readonly (string | number)[] {
  const path: (string | number)[] = [];
  let at: ValueShape | undefined = shape;
  for (const key of rest) {
    if (typeof key === 'number') {
      if (at?.kind !== 'list') break;
      path.push(key);
      at = at.item;
    } else {
      const field: FieldShape | undefined = at?.kind === 'object' ? findField(at.place, key) : undefined;
      if (!field) break;
      path.push(field.responseKey);
      at = field.kind === 'value' ? field.value : undefined;
    }
  }
  return path;
}

/** In any type that may stand here, since which one it would have been is not known. */
function findField(place: ObjectPlace, dataKey: string): FieldShape | undefined {
  for (const typeName of place.typeNames) {
    const shape = place.shapeOf(typeName);
    if (typeof shape !== 'object') continue;
    const field = shape.fields.find((candidate) => candidate.dataKey === dataKey);
    if (field) return field;
  }
  return undefined;
}
