import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import type { ReadyMessage } from '../../packages/lifecycle/src/index.ts';
import { loads } from '../gateway/loads.ts';
import type { SubgraphsReady } from '../gateway/servers/subgraphs.ts';
import { createIdentityKey } from '../support/client-tokens.ts';
import { ownFlags } from '../support/own-flags.ts';
import { say, type RunScope } from '../support/run-scope.ts';
import { startProcess, type StartedProcess } from '../support/start-process.ts';
import { runWrk } from '../support/wrk.ts';
import type { SoakSample } from './judge.ts';
import type { MemorySample } from './memory-sample.ts';
import { settle } from './settle.ts';
import { composeVariants } from './supergraphs.ts';

/** How much, and how often something changes. */
export interface SoakPace {
  readonly requests: number;
  /** Different texts. */
  readonly operations: number;
  readonly secondsBetweenSwaps: number;
}

const connections = 16;
const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/**
 * Asks a gateway for thousands of different operations again and again while its supergraph is replaced, and measures
 * its memory in between. A request that fails ends the run.
 *
 * Each measurement is made of the same: of a supergraph that has just taken over, with the operations that were made
 * ready for it and nothing that was asked of it, when nothing is left of the former one. Otherwise it would say how many
 * operations had been asked for since the last swap, and whether a swap was under way: 45 to 160 MB of heap.
 */
export async function runSoak(scope: RunScope, pace: SoakPace): Promise<readonly SoakSample[]> {
  const subgraphs = startProcess(scope, {
    name: 'subgraphs',
    args: [here('../gateway/servers/subgraphs.ts')],
    env: { NODE_ENV: 'production' },
  });
  const { urls } = await Promise.race([subgraphs.message<SubgraphsReady>(), subgraphs.ended]);
  const variants = composeVariants(urls);
  const variant = (count: number): string => variants[count % variants.length] ?? '';
  const supergraphFile = join(scope.folder, 'supergraph.graphql');
  replaceFile(supergraphFile, variant(0));
  const { gateway, url } = await startGateway(scope, supergraphFile);
  const bodies = writeBodies(scope, pace.operations);
  const { threads: idleThreads } = await measure(gateway);

  const samples: SoakSample[] = [];
  for (let [requests, swaps] = [0, 0]; requests < pace.requests;) {
    const swap = () => replaceFile(supergraphFile, variant((swaps += 1)));
    const seconds = pace.secondsBetweenSwaps;
    const load = runWrk(scope, { url, connections, seconds, bodies, sent: requests });
    // In the middle of the load, so that it has requests on the old one and on the new one.
    const timer = setTimeout(swap, (seconds * 1000) / 2);
    try {
      requests += (await Promise.race([load, gateway.ended])).requests;
    } finally {
      clearTimeout(timer);
    }
    gateway.forgetLog();
    swap();
    const settling = settle(
      scope,
      { url, measure: () => measure(gateway) },
      { sdl: variant(swaps), idleThreads },
    );
    const { type: _, ...memory } = await Promise.race([settling, gateway.ended]);
    samples.push({ requests, swaps, ...memory });
    const { heapMb, rssMb, threads } = memory;
    say(`${requests} requests, ${swaps} swaps: heap ${heapMb} MB, RSS ${rssMb} MB, ${threads} threads`);
  }
  return samples;
}

/** As a deploy does it: whoever reads finds one or the other, and never half of one. */
function replaceFile(file: string, text: string): void {
  writeFileSync(`${file}.new`, text);
  renameSync(`${file}.new`, file);
}

async function startGateway(
  scope: RunScope,
  supergraphFile: string,
): Promise<{ readonly gateway: StartedProcess; readonly url: string }> {
  const gateway = startProcess(scope, {
    name: 'gateway',
    args: [...ownFlags, '--expose-gc', here('servers/gateway.ts')],
    env: {
      NODE_ENV: 'production',
      PORT: '0',
      SUPERGRAPH: supergraphFile,
      SUPERGRAPH_WATCH: 'true',
      IDENTITY_PRIVATE_KEY: createIdentityKey(),
    },
  });
  const { url } = await Promise.race([gateway.message<ReadyMessage>(), gateway.ended]);
  return { gateway, url };
}

async function measure(gateway: StartedProcess): Promise<MemorySample> {
  const answer = gateway.message<MemorySample>();
  gateway.send({ type: 'measure' });
  return Promise.race([answer, gateway.ended]);
}

// The traffic repeats itself after so many requests.
const sequenceLength = 50_000;

/**
 * The requests in the order in which they are sent. As with real clients some operations are asked for all the time and
 * most of them rarely: the second one half as often as the first, the third a third as often (Zipf). Half of them are
 * large and half small, each with names of its own, so that none is planned like another.
 */
function writeBodies(scope: RunScope, operations: number): string {
  const file = join(scope.folder, 'bodies.txt');
  const texts = Array.from({ length: operations }, (_, index) => {
    const load = index % 2 === 0 ? loads.social : loads.small;
    return JSON.stringify({
      query: load
        .text(index + 1)
        .trim()
        .replaceAll(/\s+/g, ' '),
    });
  });
  const pick = createZipf(operations);
  // Each of them once, and then by their popularity.
  const lines = [...texts, ...Array.from({ length: sequenceLength - operations }, () => texts[pick()])];
  writeFileSync(file, lines.join('\n'));
  return file;
}

/** Gives numbers below `count`, the smaller the more often; the same ones in every run. */
function createZipf(count: number): () => number {
  const cumulated: number[] = [];
  let total = 0;
  for (let rank = 1; rank <= count; rank += 1) cumulated.push((total += 1 / rank));
  let state = 42;
  return () => {
    // https://en.wikipedia.org/wiki/Linear_congruential_generator
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    const point = (state / 2 ** 32) * total;
    return cumulated.findIndex((sum) => sum >= point);
  };
}
