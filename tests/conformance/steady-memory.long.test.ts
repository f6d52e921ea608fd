import { rename, writeFile } from 'node:fs/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { composeSupergraph, expectSupergraph } from '@tributary/planning';
import type { MemorySupergraph } from '@tributary/testkit';
import { expect, it } from 'vitest';

import { startSmallSupergraph } from '../support/small-supergraph.ts';
import { startTestGateway, type TestGateway } from '../support/start-test-gateway.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const swaps = 24;
const operationsPerSupergraph = 100;
// A generation with what was compiled for it takes several times that.
const maxRiseMb = 6;

/** Weak references and finalizers take more than one collection. */
function heapMb(): number {
  for (let index = 0; index < 4; index += 1) collectGarbage();
  return process.memoryUsage().heapUsed / 2 ** 20;
}

/** The same subgraphs with one type more, so that it is another supergraph. */
function variantOf(supergraph: MemorySupergraph, number: number): string {
  const { name, url, sdl } = supergraph.subgraph('users');
  const users = {
    name,
    url,
    sdl: `${sdl}\ntype Draft { v${number}: ID }\nextend type Query { draft: Draft }`,
  };
  return expectSupergraph(composeSupergraph([users, supergraph.subgraph('posts')])).supergraphSdl;
}

async function takeUp(gateway: TestGateway, supergraph: MemorySupergraph, number: number): Promise<void> {
  await writeFile(`${supergraph.file}.new`, variantOf(supergraph, number));
  await rename(`${supergraph.file}.new`, supergraph.file);
  await gateway.reload();
}

async function askForDifferentOperations(gateway: TestGateway): Promise<void> {
  for (let number = 0; number < operationsPerSupergraph; number += 1) {
    const query = `{ posts { title_${number}: title author { id name_${number}: name } } }`;
    const { body } = await gateway.query(query);
    expect(body.errors).toBeUndefined();
  }
}

const mean = (values: readonly number[]): number =>
  values.reduce((total, value) => total + value, 0) / values.length;

it('the heap stays where it is while supergraphs come and go, each with operations of its own', async () => {
  const supergraph = await startSmallSupergraph();
  const gateway = await startTestGateway(supergraph, { LOG_LEVEL: 'warn', SUPERGRAPH_WATCH: 'false' });
  const heaps: number[] = [];
  try {
    for (let number = 0; number < swaps; number += 1) {
      await takeUp(gateway, supergraph, number % 3);
      await askForDifferentOperations(gateway);
      // The test keeps what the subgraphs were asked.
      for (const name of ['users', 'posts']) (supergraph.subgraph(name).requests as unknown[]).length = 0;
      heaps.push(heapMb());
    }
  } finally {
    await gateway.stop();
    await supergraph.stop();
  }
  const third = swaps / 3;
  const rise = mean(heaps.slice(-third)) - mean(heaps.slice(third, 2 * third));
  process.stdout.write(`Heap after each supergraph, MB: ${heaps.map((heap) => heap.toFixed(1)).join(' ')}\n`);
  expect(rise).toBeLessThan(maxRiseMb);
});
