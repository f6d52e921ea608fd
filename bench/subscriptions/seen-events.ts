const window = 32;
const all = 0xffff_ffff;

/**
 * Which events have come, by subscription, each numbered from 1. Events of one post may overtake each other (only those
 * about one comment are in order), but none by more than a few.
 */
export class SeenEvents {
  readonly #highest: Float64Array;
  /** Bit 0 is for the event right before the highest. */
  readonly #before: Uint32Array;

  constructor(subscriptions: number) {
    this.#highest = new Float64Array(subscriptions);
    this.#before = new Uint32Array(subscriptions);
  }

  /** From now on, everything up to this event counts as seen. */
  begin(subscription: number, after: number): void {
    this.#highest[subscription] = after;
    this.#before[subscription] = all;
  }

  /** @returns whether it is new */
  add(subscription: number, seq: number): boolean {
    const highest = this.#highest[subscription] ?? 0;
    const before = this.#before[subscription] ?? 0;
    const ahead = seq - highest;
    if (ahead > 0) {
      this.#highest[subscription] = seq;
      // Shifts count modulo 32.
      this.#before[subscription] =
        ahead > window ? 0 : (ahead === window ? 0 : before << ahead) | (1 << (ahead - 1));
      return true;
    }
    const bit = -ahead - 1;
    if (bit < 0 || bit >= window || (before & (1 << bit)) !== 0) return false;
    this.#before[subscription] = before | (1 << bit);
    return true;
  }
}
