import type { LoggedEvent, Tail } from '@tributary/event-log';

/** Reads a tail and remembers what came. */
export class Collector {
  readonly entries: LoggedEvent[] = [];
  /** Resolves when the events end, rejects when they throw. */
  readonly ended: Promise<void>;
  #wake: (() => void)[] = [];

  constructor(events: Tail['events']) {
    this.ended = this.#read(events);
    this.ended.catch(() => {});
  }

  /** Places as text, like "posts.0:7". */
  get places(): string[] {
    return this.entries.map(({ position }) => `${position.partition}:${position.seq}`);
  }

  /** Waits until so many have come; fails when the events end before. */
  async waitFor(count: number): Promise<void> {
    while (this.entries.length < count) {
      const more = new Promise<void>((resolve) => this.#wake.push(resolve));
      await Promise.race([more, this.ended.then(() => this.#failUnless(count))]);
    }
  }

  #failUnless(count: number): void {
    if (this.entries.length < count) throw new Error(`Expected ${count}, but got ${this.entries.length}`);
  }

  async #read(events: Tail['events']): Promise<void> {
    for await (const batch of events) {
      this.entries.push(...batch);
      for (const wake of this.#wake.splice(0)) wake();
    }
  }
}
