// A tenth of a millisecond each; the last one has all that took longer.
const bucketMs = 0.1;
const bucketCount = 600_000;

/** Counts how long things took, in as little time as possible. */
export class Histogram {
  readonly #counts = new Uint32Array(bucketCount);
  #total = 0;

  add(ms: number): void {
    const bucket = Math.min(bucketCount - 1, Math.max(0, Math.floor(ms / bucketMs)));
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.#total += 1;
  }

  /** @returns the end of the bucket that this share of all things did not exceed; 0 when there were none */
  percentile(share: number): number {
    const wanted = Math.ceil(this.#total * share);
    let seen = 0;
    for (let bucket = 0; this.#total > 0 && bucket < bucketCount; bucket += 1) {
      seen += this.#counts[bucket] ?? 0;
      if (seen >= wanted) return Math.round((bucket + 1) * bucketMs * 10) / 10;
    }
    return 0;
  }

  clear(): void {
    this.#counts.fill(0);
    this.#total = 0;
  }
}
