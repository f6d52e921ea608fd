import { readlinkSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';

import { createPlanBuilder } from './create-plan-builder.ts';
import { toMs, type PlanThreadAnswer, type PlanThreadData, type PlanThreadMessage } from './plan-thread.ts';
import type { PlanRequest } from './planner.ts';
import { PlanningError } from './planning-error.ts';
import { warmUp } from './warm-up.ts';

// What a PlanThread runs: it builds one planner, then plans one operation after the other.
const { supergraphSdl, ...limits } = workerData as PlanThreadData;
warmUp();
const buildPlan = createPlanBuilder(supergraphSdl, limits);

const send = (answer: PlanThreadAnswer): void => {
  const message: PlanThreadMessage = { answer, cpuMs: cpuMs() };
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a port of a thread, not a window
  parentPort?.postMessage(message);
};

/** Only Node 24 tells. */
const cpuMs = (): number => ('threadCpuUsage' in process ? toMs(process.threadCpuUsage()) : 0);

/** Linux has a number for each thread, which it takes where it takes a process: `1200/task/1207`. */
function systemThreadId(): number | undefined {
  return process.platform === 'linux'
    ? Number(readlinkSync('/proc/thread-self').split('/').at(-1))
    : undefined;
}

parentPort?.on('message', (request: PlanRequest) => {
  try {
    send({ kind: 'plan', plan: buildPlan(request) });
  } catch (error: unknown) {
    if (!(error instanceof PlanningError)) throw error;
    send({ kind: 'failure', reason: error.reason, message: error.message });
  }
});
send({ kind: 'ready', threadId: systemThreadId() });
