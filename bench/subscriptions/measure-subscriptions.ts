import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { composeSupergraph, expectSupergraph } from '../../packages/planning/src/index.ts';
import { startTestPostgres } from '../../packages/testkit/src/index.ts';
import { chooseCores } from '../support/cores.ts';
import { say, type RunScope } from '../support/run-scope.ts';
import { subgraphsOver } from './graph.ts';
import { measureFanOut, measureSteady } from './measure-tier.ts';
import { peers } from './peers.ts';
import type { FetchRow, IdleRow, PeerName, Result, Row } from './row.ts';
import { startSource } from './source.ts';
import type { Bench } from './stage.ts';
import { startRedis } from './start-redis.ts';
import type { Pace, Tier } from './tiers.ts';

/** Measures tier by tier. */
export async function measureSubscriptions(
  scope: RunScope,
  tiers: readonly Tier[],
  pace: Pace,
): Promise<Result> {
  const bench = await startBench(scope);
  const result = { rows: [] as Row[], idle: [] as IdleRow[], fetches: [] as FetchRow[] };
  const exhausted = new Set<PeerName>();
  for (const tier of tiers) {
    const present = tier.peers.filter((peer) => bench.setup.redisUrl !== '' || !peers[peer].needsRedis);
    if (present.length === 0) continue;
    say(`${tier.name}, ${tier.selection}: ${tier.connections} connections`);
    const here = { ...tier, peers: present };
    const { rows, idle, fetches } =
      here.kind === 'fan-out'
        ? await measureFanOut(bench, here, pace)
        : await measureSteady(bench, here, pace, exhausted);
    result.rows.push(...rows);
    result.idle.push(...idle);
    result.fetches.push(...fetches);
  }
  return result;
}

export async function startBench(scope: RunScope): Promise<Bench> {
  const cores = chooseCores();
  say(`Subscriptions benchmark: ${cores.description}`);
  const redisUrl = await startRedis(scope, cores.around);
  if (redisUrl === undefined) {
    say('There is no redis-server ("apt-get install redis-server"): peers that need it are skipped');
  }
  const eventsUrl = redisUrl ?? (await startPostgres(scope));
  const source = await startSource(scope, cores.around, { eventsUrl, redisUrl });
  const supergraphFile = join(scope.folder, 'supergraph.graphql');
  writeFileSync(supergraphFile, compose(source.urls));
  const usersUrl = source.urls['users'] ?? '';
  return { scope, cores, source, setup: { supergraphFile, usersUrl, eventsUrl, redisUrl: redisUrl ?? '' } };
}

async function startPostgres(scope: RunScope): Promise<string> {
  const postgres = await startTestPostgres(['events']);
  scope.defer(() => postgres.stop());
  return postgres.url('events');
}

function compose(urls: Readonly<Record<string, string>>): string {
  const definitions = subgraphsOver(() => undefined).map(({ name, sdl }) => ({
    name,
    sdl,
    url: urls[name] ?? '',
  }));
  return expectSupergraph(composeSupergraph(definitions)).supergraphSdl;
}
