// Compares gateways under the same load: `npm run bench -- gateway [--json] [--quick]`. How, and what to make of the
// figures: docs/decisions/0019-how-gateways-are-compared.md.
import { parseArgs } from 'node:util';

import { readList } from '../support/read-list.ts';
import { runBenchmark } from '../support/run-benchmark.ts';
import { loadNames } from './loads.ts';
import { matrix, type Cell } from './matrix.ts';
import type { Pace } from './measure-cell.ts';
import { measureGateways } from './measure-gateways.ts';
import { peerNames } from './peers.ts';
import { isVaried } from './row.ts';
import { formatTable } from './table.ts';

const quick: Pace = {
  plain: { warmUpSeconds: 3, roundSeconds: 2 },
  varied: { warmUpSeconds: 2, roundSeconds: 1 },
  rounds: 3,
  // Of less than eight minutes in all; on a machine that is busy with something else it takes longer to start everybody.
  hurriesAfterSeconds: 300,
};
const thorough: Pace = {
  plain: { warmUpSeconds: 10, roundSeconds: 10 },
  varied: { warmUpSeconds: 10, roundSeconds: 10 },
  rounds: 5,
};

await runBenchmark(() => {
  const { values } = parseArgs({
    options: {
      json: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      plain: { type: 'boolean', default: false },
      peers: { type: 'string' },
      loads: { type: 'string' },
    },
  });
  const cells = chooseCells({
    peers: readList('--peers', values.peers, peerNames),
    loads: readList('--loads', values.loads, loadNames),
    isPlain: values.plain,
  });
  return async (scope) => {
    const rows = await measureGateways(scope, cells, values.quick ? quick : thorough);
    return values.json ? JSON.stringify({ rows }) : formatTable(rows);
  };
});

interface Choice {
  readonly peers: readonly string[];
  readonly loads: readonly string[];
  /** Without variants. */
  readonly isPlain: boolean;
}

function chooseCells({ peers, loads, isPlain }: Choice): readonly Cell[] {
  return matrix
    .filter(({ load, variant }) => loads.includes(load) && !(isPlain && isVaried(variant)))
    .map((cell) => ({ ...cell, peers: cell.peers.filter((peer) => peers.includes(peer)) }));
}
