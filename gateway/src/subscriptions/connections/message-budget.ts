/**
 * How many messages a client may send: so many a second, and as many as that of several seconds at once. A long one counts
 * as several, since reading it takes as long. Two numbers for each connection, and no timer.
 */
export class MessageBudget {
  readonly #perSecond: number;
  #left: number;
  #countedAt: number;

  constructor(perSecond: number, now: number) {
    this.#perSecond = perSecond;
    this.#left = perSecond * burstSeconds;
    this.#countedAt = now;
  }

  /** @returns false when the client sent more than it may */
  take(now: number, bytes = 0): boolean {
    const earned = ((now - this.#countedAt) / 1000) * this.#perSecond;
    this.#left =
      Math.min(this.#perSecond * burstSeconds, this.#left + earned) - 1 - Math.floor(bytes / longBytes);
    this.#countedAt = now;
    return this.#left >= 0;
  }
}

// A page that comes back subscribes to everything on it at once.
const burstSeconds = 5;
// Longer than nearly every operation.
const longBytes = 16_384;
