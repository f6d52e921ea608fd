/** Where random numbers come from, for example fast-check's `Random`. */
export interface NumberSource {
  /** Both bounds are possible. */
  nextInt(min: number, max: number): number;
}

/** The questions that generators ask of random numbers. */
export class Chance {
  readonly #random: NumberSource;

  constructor(random: NumberSource) {
    this.#random = random;
  }

  /** Both bounds are possible. */
  integer(min: number, max: number): number {
    return this.#random.nextInt(min, max);
  }

  /** True in `percent` of 100 cases. */
  happens(percent: number): boolean {
    return this.integer(1, 100) <= percent;
  }

  /** @throws {RangeError} for an empty list: there is nothing to pick */
  pick<T>(list: readonly T[]): T {
    if (list.length === 0) throw new RangeError('Expected a list with an item to pick, but got an empty one');
    return list[this.integer(0, list.length - 1)] as T;
  }

  /** Picks, or gives `undefined` for an empty list. */
  pickAny<T>(list: readonly T[]): T | undefined {
    return list.length === 0 ? undefined : this.pick(list);
  }

  /** Picks by weights, which are whole numbers above 0. */
  pickWeighted<T>(list: readonly T[], weightOf: (item: T) => number): T | undefined {
    const total = list.reduce((sum, item) => sum + weightOf(item), 0);
    let rest = total > 0 ? this.integer(1, total) : 0;
    return list.find((item) => (rest -= weightOf(item)) <= 0);
  }

  /** Makes a list of random length. */
  list<T>(min: number, max: number, make: () => T): T[] {
    return Array.from({ length: this.integer(min, max) }, make);
  }
}
