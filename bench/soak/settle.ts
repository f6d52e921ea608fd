import { setTimeout as sleep } from 'node:timers/promises';

import { readSupergraph } from '../../gateway/src/supergraph/read-supergraph.ts';
import type { RunScope } from '../support/run-scope.ts';
import type { MemorySample } from './memory-sample.ts';

/** The gateway that is waited for. */
export interface SettlingGateway {
  readonly url: string;
  readonly measure: () => Promise<MemorySample>;
}

const pauseMs = 200;
const maxWaitMs = 120_000;

/**
 * Waits until a gateway serves this supergraph and has nothing left of the former ones.
 *
 * @param idleThreads how many threads it has while it serves one supergraph
 * @throws {Error} when that takes too long: then threads of a former one stay behind
 */
export async function settle(
  { signal }: RunScope,
  { url, measure }: SettlingGateway,
  { sdl, idleThreads }: { readonly sdl: string; readonly idleThreads: number },
): Promise<MemorySample> {
  const { id } = readSupergraph(sdl, { source: 'the soak' });
  const deadline = performance.now() + maxWaitMs;
  for (;;) {
    const served = await servedSupergraph(url);
    const memory = served === id ? await measure() : undefined;
    if (memory && memory.threads <= idleThreads) return memory;
    if (performance.now() > deadline) {
      throw new Error(
        memory
          ? `Expected ${idleThreads} threads, as with one supergraph, but got ${memory.threads}`
          : `Expected the gateway to serve supergraph ${id}, but it serves ${served}`,
      );
    }
    await sleep(pauseMs, undefined, { signal });
  }
}

async function servedSupergraph(url: string): Promise<string> {
  const response = await fetch(new URL('/health/ready', url));
  const { supergraph } = (await response.json()) as { readonly supergraph: string };
  return supergraph;
}
