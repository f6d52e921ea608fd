/** When a subgraph is held off. */
export interface BreakerOptions {
  /** So many failures in a row hold it off; 0 for never. */
  readonly failures: number;
  /** The time within which they must come. */
  readonly windowMs: number;
  /** How long it is left alone before one request tries it again. */
  readonly openMs: number;
}

/** A request, as a breaker knows it. */
export interface BrokenRequest {
  /** When it was sent last, by `performance.now()`. */
  readonly sentAtMs: number;
}

/**
 * What is held against one subgraph. Closed, it counts failures in a row; open, it lets nobody through; after a while
 * one request, the probe, decides whether it stays open. Made at the first failure and thrown away when it closes, so
 * that a subgraph that is well costs nothing. All times are those of `performance.now()`.
 */
export class Breaker {
  readonly #options: BreakerOptions;
  #failures = 0;
  #firstFailedAtMs = 0;
  #lastFailedAtMs = -Infinity;
  #openedAtMs: number | undefined;
  #probe: BrokenRequest | undefined;

  constructor(options: BreakerOptions) {
    this.#options = options;
  }

  get isOpen(): boolean {
    return this.#openedAtMs !== undefined;
  }

  /** Whether a request may be sent. One that may although the breaker is open is the probe, and must be told of below. */
  admits(request: BrokenRequest, nowMs: number): boolean {
    if (this.#openedAtMs === undefined) return true;
    if (this.#probe || this.waitMs(nowMs) > 0) return false;
    this.#probe = request;
    return true;
  }

  /** How long nobody is let through yet. */
  waitMs(nowMs: number): number {
    return this.#openedAtMs === undefined ? 0 : Math.max(0, this.#openedAtMs + this.#options.openMs - nowMs);
  }

  /** Takes note of a failure; `true` when it opened the breaker. */
  fail(request: BrokenRequest, nowMs: number, hasTimedOut: boolean): boolean {
    if (this.#openedAtMs !== undefined) {
      if (request !== this.#probe) return false;
      this.#probe = undefined;
      this.#openedAtMs = nowMs;
      return false;
    }
    // One process that dies breaks off all that it was asked, perhaps with others beside it that live: that is one failure.
    if (request.sentAtMs < this.#lastFailedAtMs && !hasTimedOut) return false;
    if (nowMs - this.#firstFailedAtMs > this.#options.windowMs) this.#failures = 0;
    if (this.#failures === 0) this.#firstFailedAtMs = nowMs;
    this.#failures += 1;
    this.#lastFailedAtMs = nowMs;
    if (this.#failures < this.#options.failures) return false;
    this.#openedAtMs = nowMs;
    return true;
  }

  /** Whether an answer settles that nothing is held against the subgraph any more: not one to what was asked before. */
  isSettledBy(request: BrokenRequest): boolean {
    return this.#openedAtMs === undefined || request.sentAtMs > this.#openedAtMs;
  }

  /** A request ended without saying anything about the subgraph: if it was the probe, the next one is. */
  release(request: BrokenRequest): void {
    if (request === this.#probe) this.#probe = undefined;
  }
}
