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

const rounds = 12;
const operationsPerRound = 50;
// Documents count by their length: with longer ones, fewer fill the cache.
const padding = `# ${'-'.repeat(300)}\n`;
// Kept, the operations of a third of the rounds take more than twice that.
const maxRiseOfFullCacheMb = 2;

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

async function askForDifferentOperations(
  gateway: TestGateway,
  count: number,
  { first = 0, comment = '' } = {},
): Promise<void> {
  for (let number = first; number < first + count; number += 1) {
    const query = `${comment}{ posts { title_${number}: title author { id name_${number}: name } } }`;
    const { body } = await gateway.query(query);
    expect(body.errors).toBeUndefined();
  }
}

/** The test keeps what the subgraphs were asked. */
function forgetRequests(supergraph: MemorySupergraph): void {
  for (const name of ['users', 'posts']) (supergraph.subgraph(name).requests as unknown[]).length = 0;
}

const mean = (values: readonly number[]): number =>
  values.reduce((total, value) => total + value, 0) / values.length;

/** From the second third to the last one: in the first one, caches fill. */
function riseOf(heaps: readonly number[]): number {
  const third = heaps.length / 3;
  return mean(heaps.slice(-third)) - mean(heaps.slice(third, 2 * third));
}

const inMb = (heaps: readonly number[]): string => heaps.map((heap) => heap.toFixed(1)).join(' ');

it('the heap stays where it is while supergraphs come and go, each with operations of its own', async () => {
  const supergraph = await startSmallSupergraph();
  const gateway = await startTestGateway(supergraph, { LOG_LEVEL: 'warn', SUPERGRAPH_WATCH: 'false' });
  const heaps: number[] = [];
  try {
    for (let number = 0; number < swaps; number += 1) {
      await takeUp(gateway, supergraph, number % 3);
      await askForDifferentOperations(gateway, operationsPerSupergraph);
      forgetRequests(supergraph);
      heaps.push(heapMb());
    }
  } finally {
    await gateway.stop();
    await supergraph.stop();
  }
  process.stdout.write(`Heap after each supergraph, MB: ${inMb(heaps)}\n`);
  expect(riseOf(heaps)).toBeLessThan(maxRiseMb);
});

it('the heap stays where it is when ever new operations come and the cache of operations is full', async () => {
  const supergraph = await startSmallSupergraph();
  // Full with about 100 of them, in the second round.
  const gateway = await startTestGateway(supergraph, {
    LOG_LEVEL: 'warn',
    SUPERGRAPH_WATCH: 'false',
    OPERATION_CACHE_MB: '16',
  });
  const heaps: number[] = [];
  try {
    for (let round = 0; round < rounds; round += 1) {
      await askForDifferentOperations(gateway, operationsPerRound, {
        first: round * operationsPerRound,
        comment: padding,
      });
      forgetRequests(supergraph);
      heaps.push(heapMb());
    }
  } finally {
    await gateway.stop();
    await supergraph.stop();
  }
  process.stdout.write(`Heap after each ${operationsPerRound} operations, MB: ${inMb(heaps)}\n`);
  expect(riseOf(heaps)).toBeLessThan(maxRiseOfFullCacheMb);
});
