import { parentPort, workerData } from 'node:worker_threads';

import { createPlanBuilder } from './create-plan-builder.ts';
import type { PlanThreadData, PlanThreadMessage } from './plan-thread.ts';
import type { PlanRequest } from './planner.ts';
import { PlanningError } from './planning-error.ts';

// What a PlanThread runs: it builds one planner, then plans one operation after the other.
const { supergraphSdl, ...limits } = workerData as PlanThreadData;
const buildPlan = createPlanBuilder(supergraphSdl, limits);

const send = (message: PlanThreadMessage): void => {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a port of a thread, not a window
  parentPort?.postMessage(message);
};

parentPort?.on('message', (request: PlanRequest) => {
  try {
    send({ kind: 'plan', plan: buildPlan(request) });
  } catch (error: unknown) {
    if (!(error instanceof PlanningError)) throw error;
    send({ kind: 'failure', reason: error.reason, message: error.message });
  }
});
send({ kind: 'ready' });
