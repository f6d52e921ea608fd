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

/** @example ['a {parcel{id}}', 'b {...on Parcel{zone}}'] */
function operationsIn(node: QueryPlan['node']): string[] {
  if (node?.kind === 'Sequence') return node.nodes.flatMap(operationsIn);
  if (node?.kind === 'Flatten') return operationsIn(node.node);
  if (node?.kind !== 'Fetch') throw new Error(`Expected fetches one after the other, but got ${node?.kind}`);
  const entities = /_entities\(representations:\$representations\)(.*)\}$/.exec(node.operation)?.[1];
  return [`${node.serviceName} ${entities ?? node.operation}`];
}
