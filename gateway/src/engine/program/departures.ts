/** What leaves for one subgraph in one request; `T` is what one step wants from it. */
interface Departure<T> {
  readonly wanted: T[];
  readonly done: Promise<void>;
}

/**
 * Lets fetches of one execution that become ready at nearly the same time leave as one request: they wait for each other
 * until everything that has arrived by now has been read, and not longer.
 */
export class Departures<T> {
  readonly #open = new Map<string, Departure<T>>();

  /**
   * @param key the same for those that may share a request
   * @param leave called once, with what all of them want
   */
  join(key: string, wanted: readonly T[], leave: (wanted: readonly T[]) => Promise<void>): Promise<void> {
    const open = this.#open.get(key);
    if (open) {
      open.wanted.push(...wanted);
      return open.done;
    }
    const { promise, resolve } = Promise.withResolvers<void>();
    setImmediate(resolve);
    const departure: Departure<T> = {
      wanted: [...wanted],
      done: promise.then(() => {
        this.#open.delete(key);
        return leave(departure.wanted);
      }),
    };
    this.#open.set(key, departure);
    return departure.done;
  }
}
