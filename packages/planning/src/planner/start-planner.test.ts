import { describe, expect, it } from 'vitest';

import { composeSupergraph } from '../compose-supergraph.ts';
import { expectSupergraph } from '../composition-error.ts';
import { formatPlan } from './format-plan.ts';
import { startPlanner } from './start-planner.ts';

const link =
  'extend schema @link(url: "https://specs.apollo.dev/federation/v2.11", import: ["@key", "@shareable"])';
const subgraph = (name: string, sdl: string) => ({
  name,
  url: `http://${name}.test`,
  sdl: `${link}\n${sdl}`,
});
const { supergraphSdl } = expectSupergraph(
  composeSupergraph([
    subgraph(
      'posts',
      'type Query { post: Post } type Subscription { postCreated: Post } type Post @key(fields: "id") { id: ID! title: String }',
    ),
    subgraph('comments', 'type Post @key(fields: "id") { id: ID! commentCount: Int }'),
  ]),
);

describe('startPlanner', () => {
  it('plans queries and subscriptions in threads of its own', async () => {
    const planner = await startPlanner(supergraphSdl);
    try {
      const plan = await planner.plan({ document: '{ post { title commentCount } }', overrideLabels: [] });
      expect(await formatPlan(plan)).toContain('Fetch(service: "comments")');
      const subscription = await planner.plan({
        document: 'subscription { postCreated { commentCount } }',
        overrideLabels: [],
      });
      expect(subscription.node?.kind).toBe('Subscription');
    } finally {
      await planner.stop();
    }
  });

  it('refuses what is not a supergraph', async () => {
    await expect(startPlanner('type Query { a: Int }')).rejects.toThrow('must be a core schema');
  });

  it('fails with a reason when an operation is not valid', async () => {
    const planner = await startPlanner(supergraphSdl);
    try {
      await expect(planner.plan({ document: '{ nothing }', overrideLabels: [] })).rejects.toMatchObject({
        name: 'PlanningError',
        reason: 'failed',
        message: 'The operation cannot be planned: Cannot query field "nothing" on type "Query".',
      });
    } finally {
      await planner.stop();
    }
  });
});
