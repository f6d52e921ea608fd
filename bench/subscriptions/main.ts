// Compares servers of subscriptions: `npm run bench -- subscriptions [--json] [--quick]`. How, and what to make of the
// figures: README.md in the folder above.
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

import { readList } from '../support/read-list.ts';
import { runBenchmark } from '../support/run-benchmark.ts';
import { measureSubscriptions } from './measure-subscriptions.ts';
import { peerNames, type PeerName } from './row.ts';
import { formatTables } from './table.ts';
import { tierNames, tiersFor, type Pace, type Tier } from './tiers.ts';

const quick: Pace = { warmUpSeconds: 4, roundSeconds: 2, rounds: 2, steadySeconds: 5 };
const thorough: Pace = { warmUpSeconds: 10, roundSeconds: 5, rounds: 3, steadySeconds: 20 };
const usualSubscribers = 10_000;
/** Sockets to subgraphs, and what a process has open anyway. */
const sparedFiles = 500;

await runBenchmark(
  () => {
    const { values } = parseArgs({
      options: {
        json: { type: 'boolean', default: false },
        quick: { type: 'boolean', default: false },
        peers: { type: 'string' },
        tiers: { type: 'string' },
        subscribers: { type: 'string' },
      },
    });
    const tiers = chooseTiers({
      subscribers: readSubscribers(values.subscribers),
      names: readList('--tiers', values.tiers, tierNames),
      peers: readList('--peers', values.peers, peerNames),
    });
    return async (scope) => {
      const result = await measureSubscriptions(scope, tiers, values.quick ? quick : thorough);
      return values.json ? JSON.stringify(result) : formatTables(result);
    };
  },
  { needsWrk: false },
);

interface Choice {
  readonly subscribers: number;
  readonly names: readonly string[];
  readonly peers: readonly PeerName[];
}

function chooseTiers({ subscribers, names, peers }: Choice): readonly Tier[] {
  return tiersFor(subscribers)
    .filter(({ name }) => names.includes(name))
    .map((tier) => ({ ...tier, peers: tier.peers.filter((peer) => peers.includes(peer)) }));
}

/** @throws {TypeError} for more than a process may have open: each of them is a file to the system */
function readSubscribers(text: string | undefined): number {
  const subscribers = text === undefined ? usualSubscribers : Number(text);
  if (!Number.isInteger(subscribers) || subscribers < 100) {
    throw new TypeError(`Expected --subscribers to be an integer of at least 100, but got "${text}"`);
  }
  const limit = maxOpenFiles();
  if (subscribers + sparedFiles <= limit) return subscribers;
  throw new TypeError(
    `Expected to be allowed to open ${subscribers + sparedFiles} files, but got ${limit}: raise it with ` +
      '"ulimit -n", or measure fewer with --subscribers',
  );
}

/** Node raises the soft limit to the hard one by itself. */
function maxOpenFiles(): number {
  if (process.platform !== 'linux') return Infinity;
  const limits = readFileSync('/proc/self/limits', 'utf8');
  return Number(/^Max open files\s+\d+\s+(\d+)/m.exec(limits)?.[1] ?? Infinity);
}
