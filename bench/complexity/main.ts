// Our gateway beside stock over operations of every size: `npm run bench -- complexity [--json] [--quick]`. What the
// operations are stands in operations.ts; how gateways are measured, in docs/decisions/0019-how-gateways-are-compared.md.
import { parseArgs } from 'node:util';

import type { Pace } from '../gateway/measure-cell.ts';
import { readList } from '../support/read-list.ts';
import { runBenchmark } from '../support/run-benchmark.ts';
import { measureComplexity } from './measure-complexity.ts';
import { complexityCells, depthBands, fieldBands, listBands } from './operations.ts';
import { formatTable } from './table.ts';

const pace = (seconds: number, rounds: number, minRequests: number): Pace => ({
  plain: { warmUpSeconds: seconds, roundSeconds: seconds },
  varied: { warmUpSeconds: seconds, roundSeconds: seconds },
  rounds,
  minRequests,
});
// Not shorter: on a busy machine the load generator itself may get no turn for a second.
const quick = pace(2, 3, 20);
const thorough = pace(5, 5, 100);

await runBenchmark(() => {
  const { values } = parseArgs({
    options: {
      json: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      depths: { type: 'string' },
      fields: { type: 'string' },
      lists: { type: 'string' },
    },
  });
  const depths = readList('--depths', values.depths, depthBands);
  const fields = readList('--fields', values.fields, fieldBands);
  const lists = readList('--lists', values.lists, listBands);
  const cells = complexityCells.filter(
    (cell) => depths.includes(cell.depth) && fields.includes(cell.fields) && lists.includes(cell.lists),
  );
  return async (scope) => {
    const rows = await measureComplexity(scope, cells, values.quick ? quick : thorough);
    return values.json ? JSON.stringify({ rows }) : formatTable(rows);
  };
});
