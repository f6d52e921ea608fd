import { composeHardSupergraph, hardOperation, smallOperation } from '@tributary/testkit/hard-operation';
import { formatPlan, startPlanner, type Planner, type PlannerOptions } from '@tributary/planning/planner';
import { afterEach, describe, expect, it } from 'vitest';

import { supergraphOf } from './compose-and-plan.ts';

// The planner's threads with real plannings in them; what the pool does when is in planner-pool.test.ts.

const hardSupergraph = composeHardSupergraph();
const started: Planner[] = [];

async function start(supergraphSdl: string, options: PlannerOptions = {}) {
  const planner = await startPlanner(supergraphSdl, options);
  started.push(planner);
  return (document: string) => planner.plan({ document, overrideLabels: [] });
}

afterEach(async () => {
  await Promise.all(started.splice(0).map((planner) => planner.stop()));
});

describe('startPlanner', () => {
  const supergraph = supergraphOf({
    posts: `type Query { post: Post } type Subscription { postCreated: Post }
      type Post @key(fields: "id") { id: ID! title: String author: Author } type Author { post: Post }`,
    comments: 'type Post @key(fields: "id") { id: ID! commentCount: Int }',
  });

  it('plans queries, subscriptions and deferred parts', async () => {
    const plan = await start(supergraph);
    expect(await formatPlan(await plan('{ post { title commentCount } }'))).toContain(
      'Fetch(service: "comments")',
    );
    expect((await plan('subscription { postCreated { commentCount } }')).node?.kind).toBe('Subscription');
    expect((await plan('{ post { title ... @defer { commentCount } } }')).node?.kind).toBe('Defer');
  });

  it('refuses what is not a supergraph', async () => {
    await expect(startPlanner('type Query { a: Int }')).rejects.toThrow('must be a core schema');
  });

  it('fails with a reason when an operation is not valid', async () => {
    const plan = await start(supergraph);
    await expect(plan('{ nothing }')).rejects.toMatchObject({
      name: 'PlanningError',
      reason: 'failed',
      message: 'The operation cannot be planned: Cannot query field "nothing" on type "Query".',
    });
  });

  it('calls an operation too complex that exhausts the stack, and plans the next one', async () => {
    const plan = await start(supergraph, { stackMb: 8 });
    const depth = 20_000;
    const deep = `{ post { ${'author { post { '.repeat(depth)} title ${'} }'.repeat(depth)} } }`;
    await expect(plan(deep)).rejects.toMatchObject({ reason: 'too-complex' });
    expect((await plan('{ post { title } }')).node?.kind).toBe('Fetch');
  });

  it('calls an operation too complex that exhausts the heap, and plans the next one', async () => {
    const lost: Error[] = [];
    const plan = await start(hardSupergraph, { heapMb: 48, onThreadLost: (error) => lost.push(error) });
    const wide = upTo(20_000).map((index) => `a${index}: node { node0 { node1 { value0 own5 } } }`);
    await expect(plan(`{ ${wide.join(' ')} }`)).rejects.toMatchObject({ reason: 'too-complex' });
    expect((await plan(smallOperation(0))).node).toBeDefined();
    expect(lost).toMatchObject([{ code: 'ERR_WORKER_OUT_OF_MEMORY' }]);
  });

  it('calls an operation too complex that is beyond the planner’s limits', async () => {
    const shared = 'type Post @key(fields: "id") { id: ID! title: String @shareable }';
    const twoWays = supergraphOf({
      lists: 'type Query { post: Post } type Post @key(fields: "id") { id: ID! }',
      posts: shared,
      copies: shared,
    });
    const plan = await start(twoWays, { pathsLimit: 1 });
    await expect(plan('{ post { title } }')).rejects.toMatchObject({ reason: 'too-complex' });
  });

  it('calls an operation too complex whose plan would take others long to read', async () => {
    const plan = await start(supergraph, { maxPlanLength: 1000 });
    expect((await plan('{ post { commentCount } }')).node).toBeDefined();
    const wide = upTo(50).map((index) => `a${index}: title`);
    await expect(plan(`{ post { ${wide.join(' ')} commentCount } }`)).rejects.toMatchObject({
      reason: 'too-complex',
      message: expect.stringMatching(/^Expected a plan of at most 1000 characters, but got \d+$/),
    });
  });
});

describe('a hard operation', () => {
  it('does not keep others from being planned', async () => {
    const plan = await start(hardSupergraph, { deadlineMs: 600_000 });
    let isHardDone = false;
    const hard = plan(hardOperation).finally(() => (isHardDone = true));
    hard.catch(() => undefined);
    for (const index of upTo(50)) expect((await plan(smallOperation(index))).node).toBeDefined();
    expect(isHardDone).toBe(false);
  });

  it('does not do so in numbers either', async () => {
    const plan = await start(hardSupergraph, { deadlineMs: 600_000, maxWaitMs: 600_000, maxHard: 1 });
    let hardDone = 0;
    for (const name of ['A', 'B', 'C', 'D']) {
      plan(`query ${name} ${hardOperation}`)
        .finally(() => (hardDone += 1))
        .catch(() => undefined);
    }
    await Promise.all(upTo(50).map((index) => plan(smallOperation(index))));
    expect(hardDone).toBe(0);
  });

  it('ends at its deadline, and its thread is replaced', async () => {
    const plan = await start(hardSupergraph, { deadlineMs: 2_000 });
    await expect(plan(hardOperation)).rejects.toMatchObject({
      name: 'PlanningError',
      reason: 'too-slow',
      message: 'Planning the operation took longer than 2000 ms',
    });
    await Promise.all(upTo(10).map((index) => plan(smallOperation(index))));
  });
});

function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}
