import type { GraphQLError } from 'graphql';

/** Why one value is missing. */
export interface Failure {
  readonly error: GraphQLError;
  /** Data keys and indexes beneath the missing value, when the error knows a deeper place than where the null stands. */
  readonly rest: readonly (string | number)[];
}

/** Where a value would stand in the data tree. */
export interface MissingValue {
  readonly parent: object;
  readonly key: string | number;
  readonly failures: readonly Failure[];
}

const none: readonly Failure[] = [];

/**
 * Why something is missing from the data tree: by the object (or array) and the key (or index) where it would stand.
 * Objects and not paths, since one entity may stand at many places and the client's paths are not known yet.
 */
export class Failures {
  readonly #byParent = new Map<object, Map<string | number, Failure[]>>();

  get isEmpty(): boolean {
    return this.#byParent.size === 0;
  }

  /** The same error at the same place counts once. */
  add(
    parent: object,
    key: string | number,
    error: GraphQLError,
    rest: readonly (string | number)[] = [],
  ): void {
    let byKey = this.#byParent.get(parent);
    if (!byKey) this.#byParent.set(parent, (byKey = new Map()));
    const known = byKey.get(key);
    if (!known) byKey.set(key, [{ error, rest }]);
    else if (!known.some((failure) => isSame(failure, error, rest))) known.push({ error, rest });
  }

  at(parent: object, key: string | number): readonly Failure[] {
    return this.#byParent.get(parent)?.get(key) ?? none;
  }

  /** Every place, in the order of their objects' first failures, or those of some objects in the order of these. */
  *places(parents: Iterable<object> = this.#byParent.keys()): Generator<MissingValue> {
    for (const parent of parents) {
      for (const [key, failures] of this.#byParent.get(parent) ?? []) yield { parent, key, failures };
    }
  }
}

const isSame = (failure: Failure, error: GraphQLError, rest: readonly (string | number)[]): boolean =>
  failure.error === error &&
  failure.rest.length === rest.length &&
  failure.rest.every((key, index) => key === rest[index]);
