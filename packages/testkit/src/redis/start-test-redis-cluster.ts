import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { makeTestFolder } from '../test-folder.ts';
import { askRedis } from './ask-redis.ts';
import { findFreePorts, startRedisServer, type RedisServerProcess } from './redis-server.ts';

const nodeCount = 3;
const slotCount = 16_384;
const formingMs = 30_000;

/** A node of a cluster, which tests may kill. */
export interface TestRedisNode {
  readonly url: string;
  readonly port: number;
  /** Ends it at once. */
  kill(): Promise<void>;
  /** Starts it again, on the same port, with its slots and with its data if that is kept. */
  start(): Promise<void>;
}

/** A real Redis Cluster. */
export interface TestRedisCluster {
  readonly nodes: readonly TestRedisNode[];
  /** The addresses of all nodes, with commas between. */
  readonly url: string;
  /** Gives a slot with its keys to another node, as somebody who adds one would. */
  moveSlot(slot: number, from: TestRedisNode, to: TestRedisNode): Promise<void>;
  stop(): Promise<void>;
}

export interface TestRedisClusterOptions {
  /** Whether nodes still have every write that they confirmed after they were killed. @default false */
  readonly persistent?: boolean;
}

/** Starts three nodes, each with a third of the slots and no replica, and waits until all of them know each other. */
export async function startTestRedisCluster({
  persistent = false,
}: TestRedisClusterOptions = {}): Promise<TestRedisCluster> {
  const folder = makeTestFolder('redis-cluster');
  const ports = await findFreePorts(nodeCount * 2);
  const nodes = await Promise.all(
    Array.from({ length: nodeCount }, (_, index) =>
      startNode({
        folder: join(folder, String(index)),
        port: ports[index] ?? 0,
        busPort: ports[index + nodeCount] ?? 0,
        persistent,
      }),
    ),
  );
  await joinNodes(nodes);
  return {
    nodes,
    url: nodes.map(({ url }) => url).join(','),
    moveSlot,
    stop: async () => {
      await Promise.all(nodes.map((node) => node.kill()));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

interface NodeWithBus extends TestRedisNode {
  readonly busPort: number;
}

async function startNode({
  folder,
  port,
  busPort,
  persistent,
}: {
  readonly folder: string;
  readonly port: number;
  readonly busPort: number;
  readonly persistent: boolean;
}): Promise<NodeWithBus> {
  const args = [
    ['--cluster-enabled', 'yes'],
    ['--cluster-port', String(busPort)],
    ['--cluster-node-timeout', '2000'],
    // A node that is down is no reason for the others to refuse.
    ['--cluster-require-full-coverage', 'no'],
    ['--cluster-allow-pubsubshard-when-down', 'yes'],
    ['--appendonly', persistent ? 'yes' : 'no'],
    ['--appendfsync', 'always'],
  ].flat();
  const start = () => startRedisServer({ folder, port, args });
  let server: RedisServerProcess = await start();
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    busPort,
    kill: () => server.kill(),
    start: async () => {
      server = await start();
    },
  };
}

async function joinNodes(nodes: readonly NodeWithBus[]): Promise<void> {
  for (const [index, node] of nodes.entries()) {
    const first = Math.floor((slotCount * index) / nodes.length);
    const last = Math.floor((slotCount * (index + 1)) / nodes.length) - 1;
    await ask(node, ['CLUSTER', 'ADDSLOTSRANGE', String(first), String(last)]);
    await ask(node, ['CLUSTER', 'SET-CONFIG-EPOCH', String(index + 1)]);
  }
  const [first, ...others] = nodes;
  for (const { port, busPort } of others) {
    if (first) await ask(first, ['CLUSTER', 'MEET', '127.0.0.1', String(port), String(busPort)]);
  }
  const deadline = AbortSignal.timeout(formingMs);
  for (const node of nodes) await waitUntilWhole(node, nodes.length, deadline);
}

/** Nodes tell each other in their own time, and none of them tells us: all that can be done is to ask. */
async function waitUntilWhole(node: TestRedisNode, size: number, deadline: AbortSignal): Promise<void> {
  for (;;) {
    const info = String(await ask(node, ['CLUSTER', 'INFO']));
    const isWhole = info.includes(`cluster_slots_ok:${slotCount}`) && info.includes(`cluster_size:${size}`);
    if (isWhole && info.includes('cluster_state:ok')) return;
    await delay(20, undefined, { signal: deadline });
  }
}

async function moveSlot(slot: number, from: TestRedisNode, to: TestRedisNode): Promise<void> {
  const [fromId, toId] = [await idOf(from), await idOf(to)];
  await ask(to, ['CLUSTER', 'SETSLOT', String(slot), 'IMPORTING', fromId]);
  await ask(from, ['CLUSTER', 'SETSLOT', String(slot), 'MIGRATING', toId]);
  const keys = (await ask(from, ['CLUSTER', 'GETKEYSINSLOT', String(slot), '1000'])) as string[];
  if (keys.length > 0) {
    await ask(from, ['MIGRATE', '127.0.0.1', String(to.port), '', '0', '5000', 'KEYS', ...keys]);
  }
  await ask(to, ['CLUSTER', 'SETSLOT', String(slot), 'NODE', toId]);
  await ask(from, ['CLUSTER', 'SETSLOT', String(slot), 'NODE', toId]);
}

const idOf = async (node: TestRedisNode): Promise<string> => String(await ask(node, ['CLUSTER', 'MYID']));

const ask = ({ url }: TestRedisNode, command: string[]): Promise<unknown> => askRedis(url, command);
