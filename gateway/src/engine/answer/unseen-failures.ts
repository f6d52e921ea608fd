import type { GraphQLError } from 'graphql';

import { locate, toPath, type Path } from './answer-errors.ts';
import type { Failures } from './failures.ts';

/** What a writer knows when it is done. */
export interface WrittenPlaces {
  /** Where objects are that were not shown; `undefined` leaves their failures out. */
  readonly data: object | undefined;
  readonly failures: Failures;
  /** Errors that stand somewhere in the answer already. */
  readonly relayed: ReadonlySet<GraphQLError>;
  /** The objects that were shown, and where they were first. */
  readonly shownAt: ReadonlyMap<object, Path | undefined>;
  /** What stands beneath a null that bubbled: that null is explained already. */
  readonly hidden: ReadonlySet<object>;
}

/**
 * The failures of what no field of the client shows, such as a field that only `@requires` needed: each at the nearest
 * object that was shown, once for a place.
 */
export function unseenFailures(places: WrittenPlaces): GraphQLError[] {
  const { failures, relayed, shownAt, hidden } = places;
  const said = new Map<GraphQLError, Set<string>>();
  const found: GraphQLError[] = [];
  let nearest: ReadonlyMap<object, Path | undefined> | undefined;
  for (const { parent, failures: unseen } of failures.places(places.data ? undefined : shownAt.keys())) {
    for (const { error } of unseen) {
      if (relayed.has(error) || hidden.has(parent)) continue;
      if (!shownAt.has(parent)) nearest ??= nearestPlaces(places);
      const path = toPath(shownAt.get(parent) ?? nearest?.get(parent));
      const known = said.get(error) ?? new Set();
      const place = path.join('.');
      if (known.has(place)) continue;
      said.set(error, known.add(place));
      found.push(locate(error, path));
    }
  }
  return found;
}

/** For every object of the tree, shown or not, where the nearest shown one above it stands. */
function nearestPlaces({ data, shownAt }: WrittenPlaces): ReadonlyMap<object, Path | undefined> {
  const nearest = new Map<object, Path | undefined>();
  const left: { readonly value: unknown; readonly above: Path | undefined }[] = [
    { value: data, above: undefined },
  ];
  for (let next = left.pop(); next; next = left.pop()) {
    const { value, above } = next;
    if (!isNested(value) || nearest.has(value)) continue;
    const place = shownAt.get(value) ?? above;
    nearest.set(value, place);
    for (const inner of Object.values(value)) left.push({ value: inner, above: place });
  }
  return nearest;
}

/** Adds a value and everything in it. A loop: what a subgraph sends may be nested deeper than calls can be. */
export function addNested(value: unknown, to: Set<object>): void {
  const left: unknown[] = [value];
  while (left.length > 0) {
    const next = left.pop();
    if (!isNested(next) || to.has(next)) continue;
    to.add(next);
    for (const inner of Object.values(next)) left.push(inner);
  }
}

export const isNested = (value: unknown): value is object => typeof value === 'object' && value !== null;
