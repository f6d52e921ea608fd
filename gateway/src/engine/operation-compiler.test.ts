import { PlanningError, type Planner, type QueryPlan } from '@tributary/planning/planner';
import { buildSchema } from 'graphql';
import { expect, it } from 'vitest';

import { prepareDocument, type Operation } from '../operations/prepare-document.ts';
import { OperationCompiler } from './operation-compiler.ts';

const schema = buildSchema('type Query { name: String }');

const compilerOf = (planner: Planner) =>
  new OperationCompiler({
    schema,
    supergraphSchema: schema,
    subgraphs: [],
    carriesIdentity: () => false,
    planner,
    subgraphClient: { fetch: () => Promise.reject(new Error('Nothing is fetched here')) },
    keepsPlans: false,
  });

function operationOf(text: string): Operation {
  const [operation] = prepareDocument(text, { schema, introspection: true }).operations ?? [];
  if (!operation) throw new TypeError('Expected an operation');
  return operation;
}

function startCompiler(reason: PlanningError['reason']) {
  let asked = 0;
  const planner: Planner = {
    plan: () => {
      asked += 1;
      return Promise.reject(new PlanningError(reason, 'a sentence of the planner'));
    },
    stop: () => Promise.resolve(),
  };
  const compiler = compilerOf(planner);
  const operation = operationOf('{ name }');
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

it('tells the planner of everybody who waits for a plan', async () => {
  const asked: Iterable<string>[] = [];
  const plan = Promise.withResolvers<QueryPlan>();
  const compiler = compilerOf({
    plan: (_request, wait) => {
      asked.push(wait?.clients ?? []);
      return plan.promise;
    },
    stop: () => Promise.resolve(),
  });
  const [one, other] = [operationOf('{ name }'), operationOf('{ again: name }')];
  const requests = [
    compiler.plan({ operation: one, client: () => 'first' }),
    compiler.plan({ operation: one, client: () => 'second' }),
    compiler.plan({ operation: other, client: () => 'third' }),
    compiler.plan({ operation: other, client: () => 'fourth' }),
  ];
  expect(asked.map((clients) => [...clients])).toEqual([['first', 'second', 'third', 'fourth']]);
  plan.resolve({ kind: 'QueryPlan' });
  for (const request of requests) await request;
});
