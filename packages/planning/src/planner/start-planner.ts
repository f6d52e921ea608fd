import { PlanThread } from './plan-thread.ts';
import type { Planner, PlannerOptions } from './planner.ts';
import { PlannerPool } from './planner-pool.ts';

/**
 * Starts threads that plan the operations of a supergraph, and waits until the first of them is ready.
 *
 * @example
 * const planner = await startPlanner(supergraphSdl, { deadlineMs: 5_000 });
 * const plan = await planner.plan({ document: '{ post { title } }', overrideLabels: [] });
 * @throws {Error} when the text is not a supergraph, or too large for the threads' memory
 */
export async function startPlanner(supergraphSdl: string, options: PlannerOptions = {}): Promise<Planner> {
  const { heapMb = 1024, stackMb = 32, maxEvaluatedPlans = 10_000, pathsLimit, workers = 3 } = options;
  const { maxPlanLength = 300_000 } = options;
  const data = {
    supergraphSdl,
    maxEvaluatedPlans,
    maxPlanLength,
    ...(pathsLimit !== undefined && { pathsLimit }),
  };
  const pool = new PlannerPool(() => new PlanThread(data, { heapMb, stackMb }), {
    workers: Math.max(2, workers),
    othersAfterMs: options.othersAfterMs ?? 2_000,
    deadlineMs: options.deadlineMs ?? 10_000,
    maxWaitMs: options.maxWaitMs ?? 5_000,
    maxQueued: options.maxQueued ?? 1_000,
    hardAfterMs: options.hardAfterMs ?? 200,
    maxHard: Math.max(1, options.maxHard ?? 2),
    largeDocumentLength: options.largeDocumentLength ?? 4_000,
    spareIdleMs: options.spareIdleMs ?? 60_000,
    onThreadLost: options.onThreadLost ?? (() => undefined),
  });
  try {
    await pool.ready();
    return pool;
  } catch (error: unknown) {
    await pool.stop();
    throw error;
  }
}
