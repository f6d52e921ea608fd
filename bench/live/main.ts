// Measures how soon a mutation at one gateway is seen by a subscriber of another one, over each transport and each log of
// events: `npm run bench -- live [--json] [--quick] [--logs=postgres] [--transports=ws]`.
import { parseArgs } from 'node:util';

import { readList } from '../support/read-list.ts';
import { runBenchmark } from '../support/run-benchmark.ts';
import { measureLive } from './measure-live.ts';
import { logNames, transportNames } from './row.ts';
import { formatTable } from './table.ts';

const quick = { warmUp: 100, events: 100 };
const thorough = { warmUp: 300, events: 500 };

await runBenchmark(
  () => {
    const { values } = parseArgs({
      options: {
        json: { type: 'boolean', default: false },
        quick: { type: 'boolean', default: false },
        logs: { type: 'string' },
        transports: { type: 'string' },
      },
    });
    const options = {
      ...(values.quick ? quick : thorough),
      logs: readList('--logs', values.logs, logNames),
      transports: readList('--transports', values.transports, transportNames),
    };
    return async (scope) => {
      const rows = await measureLive(scope, options);
      return values.json ? JSON.stringify({ rows }) : formatTable(rows);
    };
  },
  { needsWrk: false },
);
