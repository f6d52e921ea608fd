import type { QueryPlan } from '@apollo/query-planner';
import { describe, expect, it } from 'vitest';

import { composeSupergraph } from '../../compose-supergraph.ts';
import { expectSupergraph } from '../../composition-error.ts';
import { createPlanBuilder } from '../create-plan-builder.ts';

const link =
  'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@external", "@requires"])';

const supergraphOf = (schemas: Readonly<Record<string, string>>): string =>
  expectSupergraph(
    composeSupergraph(
      Object.entries(schemas).map(([name, sdl]) => ({
        name,
        url: `http://${name}.test/graphql`,
        sdl: `${link}\n${sdl}`,
      })),
    ),
  ).supergraphSdl;

describe('a chain of requirements that leads back to a subgraph', () => {
  const plan = createPlanBuilder(
    supergraphOf({
      a: `
        type Query { parcel: Parcel }
        type Parcel @key(fields: "id") {
          id: ID!
          weight: Int
          zone: String @external
          price: Int @requires(fields: "zone")
        }`,
      b: `
        type Parcel @key(fields: "id") {
          id: ID!
          weight: Int @external
          zone: String @requires(fields: "weight")
          price: Int @external
          label: String @requires(fields: "price")
        }`,
    }),
  );

  it('asks each subgraph only for what it answers, one step after the other', () => {
    const { node } = plan({ document: '{ parcel { label } }', overrideLabels: [] });
    expect(operationsIn(node)).toEqual([
      'a {parcel{__typename id weight}}',
      'b {...on Parcel{zone}}',
      'a {...on Parcel{price}}',
      'b {...on Parcel{label}}',
    ]);
  });
});

describe('a fetch that moves up past another one', () => {
  const plan = createPlanBuilder(
    supergraphOf({
      orders: 'type Query { parcel: Parcel } type Parcel @key(fields: "id") { id: ID! }',
      stock: `
        type Parcel @key(fields: "id") {
          id: ID!
          weight: Int
          width: Int @external
          zone: Int @external
          price: Int @requires(fields: "zone width")
          tax: Int @external
          total: Int @requires(fields: "tax")
        }`,
      zones:
        'type Parcel @key(fields: "id") { id: ID! weight: Int @external zone: Int @requires(fields: "weight") }',
      taxes: `
        type Parcel @key(fields: "id") {
          id: ID!
          width: Int
          price: Int @external
          tax: Int @requires(fields: "price")
        }`,
    }),
  );

  it('leaves what hangs on both where it was', () => {
    const { node } = plan({ document: '{ parcel { total } }', overrideLabels: [] });
    const steps = operationsIn(node);
    expect(steps).toContain('taxes {...on Parcel{width}}');
    expect(steps.indexOf('stock {...on Parcel{price}}')).toBeGreaterThan(
      steps.indexOf('taxes {...on Parcel{width}}'),
    );
  });
});

describe('a requirement of something that is deferred', () => {
  const plan = createPlanBuilder(
    supergraphOf({
      a: `
        type Query { parcel: Parcel }
        type Parcel @key(fields: "id") {
          id: ID!
          weight: Int @external
          price: Int @requires(fields: "weight")
          next: Parcel
        }`,
      b: 'type Parcel @key(fields: "id") { id: ID! weight: Int box: Parcel }',
    }),
  );

  it('is deferred with it', () => {
    const { node } = plan({
      document: '{ parcel { id ... @defer { box { next { price } } } } }',
      overrideLabels: [],
    });
    expect(node).toMatchObject({ kind: 'Defer', deferred: [{ node: { kind: 'Sequence' } }] });
    expect(operationsIn(node?.kind === 'Defer' ? node.deferred[0]?.node : node)).toEqual([
      'b {...on Parcel{box{__typename id}}}',
      'a {...on Parcel{next{__typename id}}}',
      'b {...on Parcel{weight}}',
      'a {...on Parcel{price}}',
    ]);
  });
});

/** @example ['a {parcel{id}}', 'b {...on Parcel{zone}}'] */
function operationsIn(node: QueryPlan['node']): string[] {
  if (node?.kind === 'Sequence') return node.nodes.flatMap(operationsIn);
  if (node?.kind === 'Flatten') return operationsIn(node.node);
  if (node?.kind !== 'Fetch') throw new Error(`Expected fetches one after the other, but got ${node?.kind}`);
  const entities = /_entities\(representations:\$representations\)(.*)\}$/.exec(node.operation)?.[1];
  return [`${node.serviceName} ${entities ?? node.operation}`];
}
