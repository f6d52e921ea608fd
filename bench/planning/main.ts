// `npm run bench -- planning [--json]`: how long small operations, each planned for the first time, take to be planned
// while the planner works on a hard one, and without it. Rounds alternate, so that both see the same machine.
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';

import { startPlanner, type Planner } from '../../packages/planning/src/planner/index.ts';
import {
  composeHardSupergraph,
  hardOperation,
  smallOperation,
} from '../../packages/testkit/src/hard-operation.ts';

const rounds = 5;
const operationsPerRound = 200;
const pauseMs = 5;

const { values } = parseArgs({ options: { json: { type: 'boolean', default: false } } });

/** One distribution of waiting times, in milliseconds. */
interface Row {
  readonly hardOperation: boolean;
  readonly samples: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

const supergraphSdl = composeHardSupergraph();
const alone: number[] = [];
const beside: number[] = [];
for (let round = 0; round < rounds; round += 1) {
  alone.push(...(await measure(false)));
  beside.push(...(await measure(true)));
}
const rows = [rowOf(false, alone), rowOf(true, beside)];
if (values.json) process.stdout.write(`${JSON.stringify({ rows })}\n`);
else for (const row of rows) process.stdout.write(`${describeRow(row)}\n`);

async function measure(isBesideHard: boolean): Promise<number[]> {
  const planner = await startPlanner(supergraphSdl, { deadlineMs: 60_000 });
  // Stopping the planner fails it: it takes longer than the round.
  if (isBesideHard) planner.plan({ document: hardOperation, overrideLabels: [] }).catch(() => undefined);
  const waits: number[] = [];
  for (let index = 0; index < operationsPerRound; index += 1) waits.push(await planOne(planner, index));
  await planner.stop();
  return waits;
}

async function planOne(planner: Planner, index: number): Promise<number> {
  const startedAt = performance.now();
  await planner.plan({ document: smallOperation(index), overrideLabels: [] });
  const wait = performance.now() - startedAt;
  // So that a round sees the hard operation in all its phases.
  await delay(pauseMs);
  return wait;
}

function rowOf(isBesideHard: boolean, waits: readonly number[]): Row {
  const sorted = waits.toSorted((a, b) => a - b);
  const at = (share: number): number =>
    Math.round((sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0) * 100) / 100;
  return {
    hardOperation: isBesideHard,
    samples: waits.length,
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    maxMs: at(1),
  };
}

function describeRow({ hardOperation, samples, p50Ms, p99Ms, maxMs }: Row): string {
  const when = hardOperation ? 'beside a hard operation' : 'alone';
  return `${samples} small operations ${when}: p50 ${p50Ms} ms, p99 ${p99Ms} ms, longest ${maxMs} ms`;
}
