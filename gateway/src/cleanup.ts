/**
 * What has to be undone, in the order in which it was done. (`AsyncDisposableStack` is this, from Node 24 on; where the
 * project does not bring its own Node it also runs on 22.)
 *
 * @example
 * const cleanup = new Cleanup();
 * cleanup.defer(() => pool.close());
 * await cleanup.run(); // the last deferred first
 */
export class Cleanup {
  readonly #undo: (() => unknown)[] = [];

  defer(undo: () => unknown): void {
    this.#undo.push(undo);
  }

  /** Undoes all of it, also when one of them fails; then throws what failed first. A second run has nothing to do. */
  async run(): Promise<void> {
    const failures: unknown[] = [];
    for (let undo = this.#undo.pop(); undo; undo = this.#undo.pop()) {
      try {
        const undone = undo();
        // Most have nothing to wait for, and every request cleans up.
        if (undone instanceof Promise) await undone;
      } catch (error: unknown) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  }
}
