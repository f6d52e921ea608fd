// Whether memory stays where it is: `npm run bench -- soak [--json] [--quick]`. 200,000 requests of 5,000 different
// operations, and a new supergraph every ten seconds.
import { parseArgs } from 'node:util';

import { runInScope, say, StoppedError } from '../support/run-scope.ts';
import { ensureWrk } from '../support/wrk.ts';
import { judge } from './judge.ts';
import { runSoak, type SoakPace } from './run-soak.ts';

const whole: SoakPace = { requests: 200_000, operations: 5000, secondsBetweenSwaps: 10 };
const quick: SoakPace = { requests: 40_000, operations: 1000, secondsBetweenSwaps: 3 };

try {
  const { values } = parseArgs({
    options: { json: { type: 'boolean', default: false }, quick: { type: 'boolean', default: false } },
  });
  const pace = values.quick ? quick : whole;
  await runInScope(async (scope) => {
    ensureWrk();
    const samples = await runSoak(scope, pace);
    const verdict = judge(samples, pace.operations);
    if (values.json) process.stdout.write(`${JSON.stringify({ ...verdict, samples })}\n`);
    else {
      process.stdout.write(
        `${verdict.isFlat ? 'Flat' : 'Not flat'}: over the second half of ${verdict.requests} requests and ` +
          `${verdict.swaps} swaps, RSS moved by ${verdict.rssMbPer100k} MB and the heap by ${verdict.heapMbPer100k} MB ` +
          `in 100,000 requests (RSS ${verdict.lastRssMb} MB, at most ${verdict.peakRssMb}; heap ${verdict.lastHeapMb} MB)\n`,
      );
    }
    if (!verdict.isFlat) process.exitCode = 1;
  });
} catch (error: unknown) {
  say(error instanceof Error ? error.message : String(error));
  process.exitCode = error instanceof StoppedError ? 130 : 1;
}
