import type { Execution } from './execution.ts';

interface PartStart {
  readonly allEnded: Promise<unknown>;
  readonly run: () => Promise<Execution>;
}

/** The parts of an execution that answer later (`@defer`), by the labels that the plan has for them. */
export class Deferrals {
  readonly #parts = new Map<string, Promise<Execution>>();
  readonly #fetches = new Map<string, PromiseWithResolvers<void>>();

  /** Says that a fetch has ended, however it did. */
  finishFetch(id: string): void {
    this.#fetch(id).resolve();
  }

  /**
   * Starts a part when the fetches that it depends on have ended.
   *
   * @param allEnded settles when all of them have that will happen: a condition may have left some out
   */
  start(label: string, fetchIds: readonly string[], { allEnded, run }: PartStart): void {
    const fetches = Promise.all(fetchIds.map((id) => this.#fetch(id).promise));
    const part = Promise.race([fetches, allEnded]).then(run);
    // Whoever waits for the part hears of its failure; where nobody does, the request has ended.
    part.catch(() => undefined);
    this.#parts.set(label, part);
  }

  /** The execution that fetched a part, when it has; `undefined` when the plan has nothing to fetch for it. */
  part(label: string): Promise<Execution> | undefined {
    return this.#parts.get(label);
  }

  #fetch(id: string): PromiseWithResolvers<void> {
    let fetch = this.#fetches.get(id);
    if (!fetch) this.#fetches.set(id, (fetch = Promise.withResolvers<void>()));
    return fetch;
  }
}
