/** How long to wait before a process that ended is started again. */
export interface BackoffOptions {
  /** @default 250 */
  readonly firstMs?: number;
  /** @default 10_000 */
  readonly maxMs?: number;
  /** A process that ran for this long was healthy: its next end is a first one again. @default 30_000 */
  readonly healthyMs?: number;
}

/**
 * Doubles the wait with each end in a row.
 *
 * @example
 * const nextWaitMs = createBackoff();
 * nextWaitMs(100) // 250
 * nextWaitMs(100) // 500
 * nextWaitMs(60_000) // 250: it had run for a minute
 */
export function createBackoff({ firstMs = 250, maxMs = 10_000, healthyMs = 30_000 }: BackoffOptions = {}): (
  ranMs: number,
) => number {
  let waitMs = firstMs;
  return (ranMs) => {
    if (ranMs >= healthyMs) waitMs = firstMs;
    const current = waitMs;
    waitMs = Math.min(waitMs * 2, maxMs);
    return current;
  };
}
