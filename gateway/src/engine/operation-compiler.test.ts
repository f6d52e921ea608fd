import { PlanningError, type Planner } from '@tributary/planning/planner';
import { buildSchema } from 'graphql';
import { expect, it } from 'vitest';

import { prepareDocument } from '../operations/prepare-document.ts';
import { OperationCompiler } from './operation-compiler.ts';

const schema = buildSchema('type Query { name: String }');

function startCompiler(reason: PlanningError['reason']) {
  let asked = 0;
  const planner: Planner = {
    plan: () => {
      asked += 1;
      return Promise.reject(new PlanningError(reason, 'a sentence of the planner'));
    },
    stop: () => Promise.resolve(),
  };
  const compiler = new OperationCompiler({
    schema,
    supergraphSchema: schema,
    subgraphs: [],
    carriesIdentity: () => false,
    planner,
    subgraphClient: { fetch: () => Promise.reject(new Error('Nothing is fetched here')) },
    keepsPlans: false,
  });
  const [operation] = prepareDocument('{ name }', { schema, introspection: true }).operations ?? [];
  if (!operation) throw new TypeError('Expected an operation');
  return { plan: async () => compiler.plan({ operation }), asked: () => asked };
}

it.each(['too-slow', 'too-complex'] as const)('remembers an operation that is %s to plan', async (reason) => {
  const { plan, asked } = startCompiler(reason);
  await expect(plan()).rejects.toMatchObject({ code: 'OPERATION_TOO_COMPLEX' });
  await expect(plan()).rejects.toMatchObject({ code: 'OPERATION_TOO_COMPLEX' });
  expect(asked()).toBe(1);
});

it('does not hold against an operation that others were planned before it', async () => {
  const { plan, asked } = startCompiler('busy');
  await expect(plan()).rejects.toMatchObject({
    code: 'SERVICE_UNAVAILABLE',
    message: 'Too many operations are being planned at the moment: try again',
  });
  await expect(plan()).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
  expect(asked()).toBe(2);
});
