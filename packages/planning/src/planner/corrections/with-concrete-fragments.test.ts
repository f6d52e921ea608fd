import { buildSchema, parse, print, stripIgnoredCharacters } from 'graphql';
import { describe, expect, it } from 'vitest';

import { composeSupergraph } from '../../compose-supergraph.ts';
import { expectSupergraph } from '../../composition-error.ts';
import { createPlanBuilder } from '../create-plan-builder.ts';
import { withConcreteFragments } from './with-concrete-fragments.ts';

const schema = buildSchema(`
  interface Node { id: ID! }
  interface Named { name: String }
  type User implements Node & Named { id: ID! name: String friend: Node }
  type Tag implements Named { name: String }
  type Post implements Node { id: ID! }
  type Query { node: Node named: Named }
`);

const rewritten = (query: string): string =>
  stripIgnoredCharacters(print(withConcreteFragments(schema, parse(query))));

describe('fragments on object types', () => {
  it('stand for a fragment on an interface', () => {
    expect(rewritten('{ node { ... on Named { name } } named { ... on Named { name } } }')).toBe(
      '{node{...on User{name}}named{...on User{name}...on Tag{name}}}',
    );
  });

  it('keep conditions, and are written where fragments with names were', () => {
    expect(
      rewritten('query($a:Boolean!){node{...F@include(if:$a)}}fragment F on User{friend{...on Node{id}}}'),
    ).toBe('query($a:Boolean!){node{...on User@include(if:$a){friend{...on User{id}...on Post{id}}}}}');
  });

  it('are not written where no object fits', () => {
    expect(rewritten('{ node { ... on Named { ... on Tag { name } } } }')).toBe('{node{__typename}}');
  });
});

describe('an interface object with a fragment on another interface', () => {
  const link =
    'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@interfaceObject"])';
  const { supergraphSdl } = expectSupergraph(
    composeSupergraph(
      Object.entries({
        media: `
          interface Media @key(fields: "id") { id: ID! }
          interface Named { name: String }
          type Book implements Media & Named @key(fields: "id") { id: ID! name: String }`,
        lists: `
          type Media @key(fields: "id") @interfaceObject { id: ID! }
          type Query { media: [Media] }`,
      }).map(([name, sdl]) => ({ name, url: `http://${name}.test/graphql`, sdl: `${link}\n${sdl}` })),
    ),
  );

  it('is planned', () => {
    const plan = createPlanBuilder(supergraphSdl);
    const { node } = plan({ document: '{ media { ... on Named { name } } }', overrideLabels: [] });
    expect(JSON.stringify(node)).toContain('...on Book{name}');
  });
});
