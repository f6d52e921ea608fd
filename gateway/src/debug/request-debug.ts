/** One request to a subgraph. */
export interface RecordedFetch {
  readonly subgraph: string;
  readonly query: string;
  /** From the start of the request: fetches that overlap ran side by side. */
  readonly startedMs: number;
  readonly durationMs: number;
  readonly isFailed: boolean;
}

/**
 * What a developer may ask to see of one request, with the header `tributary-debug` and never in production: the
 * query plan and every fetch that it led to.
 */
export class RequestDebug {
  /** In the planner's own notation. */
  plan: string | undefined;
  readonly fetches: RecordedFetch[] = [];
  readonly #startedAt = performance.now();

  /** Records one fetch when it has ended, however that was. */
  async recordFetch<T>(subgraph: string, query: string, run: () => Promise<T>): Promise<T> {
    const startedMs = this.#elapsedMs();
    let isFailed = true;
    try {
      const answer = await run();
      isFailed = false;
      return answer;
    } finally {
      const durationMs = round(this.#elapsedMs() - startedMs);
      this.fetches.push({ subgraph, query, startedMs: round(startedMs), durationMs, isFailed });
    }
  }

  /** The value of `extensions.debug`. */
  toJSON() {
    return { durationMs: round(this.#elapsedMs()), plan: this.plan ?? null, fetches: this.fetches };
  }

  #elapsedMs(): number {
    return performance.now() - this.#startedAt;
  }
}

const round = (ms: number): number => Math.round(ms * 100) / 100;
