import type { ErrorCode } from './error-table.ts';
import { errorKind } from './error-table.ts';

/** One error as the tracker keeps it. */
export interface TrackedError {
  readonly at: Date;
  readonly code: ErrorCode;
  /** The path with list indexes left out, so that one field counts once: `posts.edges.node.author`. */
  readonly path: string;
  readonly message: string;
  readonly requestId?: string | undefined;
}

/** What the health page shows of past errors. */
export interface ErrorSummary {
  readonly total: number;
  /** Keyed by `CODE:path`. */
  readonly counts: Readonly<Record<string, number>>;
  readonly last: readonly TrackedError[];
}

/** Keeps counts by code and path and the last errors in memory, bounded. */
export class ErrorTracker {
  readonly #history: TrackedError[] = [];
  readonly #counts = new Map<string, number>();
  readonly #historySize: number;
  #total = 0;

  /** `historySize` bounds both the history and the number of distinct `CODE:path` keys. @default 1000 */
  constructor({ historySize = 1000 }: { readonly historySize?: number } = {}) {
    this.#historySize = historySize;
  }

  track(error: {
    readonly code: ErrorCode;
    readonly message: string;
    readonly path?: readonly (string | number)[] | undefined;
    readonly requestId?: string | undefined;
  }): void {
    const path = (error.path ?? []).filter((part) => typeof part === 'string').join('.');
    this.#total += 1;
    this.#count(`${error.code}:${path}`);
    this.#history.push({
      at: new Date(),
      code: error.code,
      path,
      message: error.message,
      requestId: error.requestId,
    });
    if (this.#history.length > this.#historySize) this.#history.shift();
  }

  /** Totals, counts by `CODE:path` and the last ten errors, newest first. */
  summary(): ErrorSummary {
    return {
      total: this.#total,
      counts: Object.fromEntries(this.#counts),
      last: this.#history.slice(-10).toReversed(),
    };
  }

  /**
   * True when more than `threshold` errors that are not the caller's fault came in the last `windowMs`.
   * Errors of users never count: they must not wake anybody.
   */
  isAlarming({
    threshold,
    windowMs,
    now = Date.now(),
  }: {
    threshold: number;
    windowMs: number;
    now?: number;
  }): boolean {
    const recent = this.#history.filter(({ at, code }) => {
      const { class: kind } = errorKind(code);
      return now - at.getTime() <= windowMs && (kind === 'system' || kind === 'bug');
    });
    return recent.length > threshold;
  }

  #count(key: string): void {
    // Aliases make paths that a client invents: past the bound they share one row instead of filling the memory.
    const slot = this.#counts.has(key) || this.#counts.size < this.#historySize ? key : 'OTHER:';
    this.#counts.set(slot, (this.#counts.get(slot) ?? 0) + 1);
  }
}
