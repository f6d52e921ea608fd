import { findLosses } from '../outbox/start-things.ts';
import { startChaos, type ChaosOptions, type Mishap } from './start-chaos.ts';

export interface LifeOptions extends Omit<ChaosOptions, 'database'> {
  readonly mishaps: readonly Mishap[];
  /** How often things are counted up with each mishap. */
  readonly steps: number;
  /** How long to wait for readers who hear nothing any more. @default 15 s */
  readonly patienceMs?: number;
}

let lives = 0;

/** Lets one mishap come after the other, and says what is lost, there twice or out of order in the end. */
export async function liveThrough({
  mishaps,
  steps,
  patienceMs,
  ...options
}: LifeOptions): Promise<readonly string[]> {
  const startedAt = performance.now();
  const chaos = await startChaos({ ...options, database: `chaos_${(lives += 1)}` });
  try {
    for (const mishap of mishaps) await chaos.live(steps, mishap);
    const problems = await chaos.judge(patienceMs);
    const losses = findLosses(await chaos.things.committed(), await chaos.logged());
    const seconds = Math.round((performance.now() - startedAt) / 1000);
    process.stdout.write(`${options.log}, seed ${options.seed}, ${seconds} s: ${chaos.describe()}\n`);
    return [...losses.map((loss) => `the log: ${loss}`), ...problems];
  } finally {
    await chaos.stop();
  }
}
