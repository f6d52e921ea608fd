// Measures the whole chain, client → gateway → users, posts, comments → PostgreSQL, on one query:
// `npm run bench -- chain [--json] [--quick] [--variants a,b] [--profile FOLDER]`.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { alternate } from '../support/rounds.ts';
import { runInScope, say, StoppedError, type RunScope } from '../support/run-scope.ts';
import { ensureWrk, runWrk } from '../support/wrk.ts';
import { awaitAnswer, measureChain } from './measure-chain.ts';
import { toRows, type Row } from './row.ts';
import { socialQuery } from './social-query.ts';
import { startChain, type Chain, type ChainOptions } from './start-chain.ts';
import { startStore, type StoreSize } from './start-store.ts';
import { formatTable } from './table.ts';
import { usualVariants, variants, type Variant } from './variants.ts';

interface Pace {
  readonly size: StoreSize;
  /** V8 takes some thousand requests until nothing gets faster any more. */
  readonly warmUpRequests: number;
  /** On a slow machine the warm-up ends with what it has. */
  readonly maxWarmUpSeconds: number;
  readonly roundSeconds: number;
  readonly rounds: number;
}

const connections = 16;
const againSeconds = 3;
const quick: Pace = {
  size: { users: 1000, posts: 10_000, comments: 100_000 },
  warmUpRequests: 2500,
  maxWarmUpSeconds: 40,
  roundSeconds: 5,
  rounds: 3,
};
const thorough: Pace = {
  size: { users: 10_000, posts: 100_000, comments: 1_000_000 },
  warmUpRequests: 10_000,
  maxWarmUpSeconds: 180,
  roundSeconds: 10,
  rounds: 5,
};

try {
  const { values } = parseArgs({
    options: {
      json: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      variants: { type: 'string' },
      profile: { type: 'string' },
    },
  });
  const chosen = chooseVariants(values.variants?.split(',') ?? usualVariants);
  await runInScope(async (scope) => {
    ensureWrk();
    const rows = await measureAll(scope, chosen, values.quick ? quick : thorough, {
      profileFolder: values.profile,
    });
    process.stdout.write(`${values.json ? JSON.stringify({ rows }) : formatTable(rows)}\n`);
  });
} catch (error: unknown) {
  say(error instanceof Error ? error.message : String(error));
  process.exitCode = error instanceof StoppedError ? 130 : 1;
}

function chooseVariants(names: readonly string[]): readonly Variant[] {
  return names.map((name) => {
    const variant = variants.find((one) => one.name === name);
    if (variant) return variant;
    const known = variants.map((one) => one.name).join(',');
    throw new TypeError(`Expected --variants to be some of ${known}, but got "${name}"`);
  });
}

/** All chains run at once and are asked in turn, each by itself: what they have learned in one round stays. */
async function measureAll(
  scope: RunScope,
  chosen: readonly Variant[],
  { size, roundSeconds, rounds, ...warmUp }: Pace,
  options: ChainOptions,
): Promise<readonly Row[]> {
  say(`Filling PostgreSQL with ${size.users} users, ${size.posts} posts, ${size.comments} comments`);
  const postgres = await startStore(scope, size);
  const bodies = join(scope.folder, 'social.json');
  writeFileSync(bodies, `${JSON.stringify({ query: socialQuery })}\n`);
  const load = { connections, bodies };
  const chains: Chain[] = [];
  for (const variant of chosen) {
    const chain = await startChain(scope, variant, postgres, options);
    await awaitAnswer(chain, scope.signal);
    await warmUpChain(scope, chain, load, warmUp);
    chains.push(chain);
  }
  const measured = await alternate(chains, rounds, async (chain, round) => {
    // While others had their turn, its processes were idle, and V8 has tidied away what it had made of hot code.
    await runWrk(scope, { url: chain.url, ...load, seconds: againSeconds });
    const figures = await measureChain(scope, chain, { ...load, seconds: roundSeconds });
    say(
      `Round ${round + 1}, ${chain.variant.name}: ${figures.cpuSecondsPer1k['total']?.toFixed(2)} CPU s / 1,000`,
    );
    return figures;
  });
  return [...measured].flatMap(([chain, figures]) => toRows(chain.variant.name, figures));
}

async function warmUpChain(
  scope: RunScope,
  { variant, url }: Chain,
  load: { readonly connections: number; readonly bodies: string },
  { warmUpRequests, maxWarmUpSeconds }: Pick<Pace, 'warmUpRequests' | 'maxWarmUpSeconds'>,
): Promise<void> {
  const seconds = 5;
  let sent = 0;
  for (let spent = 0; sent < warmUpRequests && spent < maxWarmUpSeconds; spent += seconds) {
    const { requests } = await runWrk(scope, { url, ...load, seconds });
    sent += requests;
  }
  say(`Warmed ${variant.name} up with ${sent} requests`);
}
