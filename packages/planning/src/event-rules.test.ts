import { eventSourcesOf, linkedSubgraphs } from '@tributary/directives';
import { parse } from 'graphql';
import { describe, expect, it } from 'vitest';

import { composeSupergraph } from './compose-supergraph.ts';
import { expectSupergraph } from './composition-error.ts';

const header = (version = 'v1.1', compose = '@composeDirective(name: "@event")') => `
  extend schema
    @link(url: "https://specs.apollo.dev/federation/v2.11", import: ["@key", "@composeDirective", "@interfaceObject"])
    @link(url: "https://specs.tributary.dev/tributary/${version}", import: ["@personal", "@event"])
    @composeDirective(name: "@personal") ${compose}
  directive @personal on FIELD_DEFINITION | OBJECT
  directive @event(channel: String!, filter: String) repeatable on FIELD_DEFINITION
`;
const posts = `
  type Post @key(fields: "id") { id: ID! title: String }
  type Query { post: Post }
`;

const composeAll = (...schemas: readonly string[]) =>
  composeSupergraph(schemas.map((sdl, index) => ({ name: `s${index}`, url: `http://s${index}.test/`, sdl })));
const problemsOf = (...schemas: readonly string[]) =>
  composeAll(...schemas).errors?.map(({ code, message }) => `${code} ${message}`);
const invalid = (sentence: string, field = 'Subscription.a') =>
  `EVENT_SOURCE_INVALID [s0] Invalid use of @event on "${field}": ${sentence}`;

it('reaches the supergraph, several on one field, beside subgraphs of an older version of our specification', () => {
  const older = `
    extend schema
      @link(url: "https://specs.apollo.dev/federation/v2.11", import: ["@composeDirective"])
      @link(url: "https://specs.tributary.dev/tributary/v1.0", import: ["@personal"])
      @composeDirective(name: "@personal")
    directive @personal on FIELD_DEFINITION | OBJECT
    type Query { me: String @personal }`;
  const { supergraphSdl } = expectSupergraph(
    composeAll(
      `${header()} ${posts} type Subscription {
        postUpdated(id: ID!): Post! @event(channel: "post.{args.id}.updated") @event(channel: "post.{args.id}.deleted")
      }`,
      older,
    ),
  );
  const source = eventSourcesOf(parse(supergraphSdl)).get('postUpdated');
  expect(source?.subgraph).toBe('s0');
  expect(source?.channels.map(({ template }) => template.text)).toEqual([
    'post.{args.id}.updated',
    'post.{args.id}.deleted',
  ]);
  expect(supergraphSdl).toContain('me: String @join__field(graph: S1) @personal');
});

it('needs nothing of @personal where the link does not import it: then the subgraph says nothing of what is', () => {
  const { supergraphSdl } = expectSupergraph(
    composeAll(
      `extend schema
        @link(url: "https://specs.apollo.dev/federation/v2.11", import: ["@key", "@composeDirective"])
        @link(url: "https://specs.tributary.dev/tributary/v1.1", import: ["@event"])
        @composeDirective(name: "@event")
      directive @event(channel: String!, filter: String) repeatable on FIELD_DEFINITION
      ${posts} type Subscription { postCreated: Post! @event(channel: "post.created") }`,
    ),
  );
  expect(eventSourcesOf(parse(supergraphSdl)).get('postCreated')?.subgraph).toBe('s0');
  expect(linkedSubgraphs(parse(supergraphSdl)).size).toBe(0);
});

describe('is an error', () => {
  it.each<[string, string, string]>([
    [
      'for a type without a key',
      'type A { x: Int } type Subscription { a: A @event(channel: "a") }',
      invalid('expected A to have a resolvable @key in "s0", which is asked for the entities of its events'),
    ],
    [
      'for a key that is not resolvable here',
      'type A @key(fields: "id", resolvable: false) { id: ID! } type Subscription { a: A @event(channel: "a") }',
      invalid('expected A to have a resolvable @key in "s0", which is asked for the entities of its events'),
    ],
    [
      'for a member of a union without a key',
      'type A { x: Int } union U = Post | A type Subscription { a: U @event(channel: "a") }',
      invalid('expected A to have a resolvable @key in "s0", which is asked for the entities of its events'),
    ],
    [
      'for a scalar',
      'type Subscription { a: Int @event(channel: "a") }',
      invalid(
        'expected Int to have a resolvable @key in "s0", which is asked for the entities of its events',
      ),
    ],
    [
      'for a list',
      'type Subscription { a: [Post!]! @event(channel: "a") }',
      invalid('expected one entity, but the field returns a list: each event is about one'),
    ],
    [
      'on a field of another type',
      'extend type Query { a: Post @event(channel: "a") }',
      invalid('expected a field of the subscription type, but it is one of another type', 'Query.a'),
    ],
    [
      'for a channel that cannot be read',
      'type Subscription { a: Post @event(channel: "a..b") }',
      invalid(
        'Expected names of letters, digits, "_" and "-", "*", "**" or placeholders such as {args.id}, divided by dots, but got "" in channel "a..b"',
      ),
    ],
    [
      'for an argument that is not there',
      'type Subscription { a(id: ID): Post @event(channel: "a.{args.ids}") }',
      invalid('expected an argument for args.ids, but the field has none'),
    ],
    [
      'for a field of an input that is not there',
      'input I { id: ID } type Subscription { a(i: I!): Post @event(channel: "a.{args.i.id}") b(i: I): Post @event(channel: "a.{args.i.no}") }',
      invalid('expected an argument for args.i.no, but the field has none', 'Subscription.b'),
    ],
    [
      'for an argument that is no name',
      'input I { id: ID } type Subscription { a(i: I!): Post @event(channel: "a.{args.i}") }',
      invalid('expected args.i to be a scalar, an enum or a list of these, but it is I!'),
    ],
    [
      'for a list of lists',
      'type Subscription { a(i: [[ID!]!]): Post @event(channel: "a.{args.i}") }',
      invalid('expected args.i to be a scalar, an enum or a list of these, but it is [[ID!]!]'),
    ],
    [
      'for a filter that cannot be read',
      'type Subscription { a: Post @event(channel: "a", filter: "event.data.x") }',
      invalid('Expected "==", "!=" or "in" in filter "event.data.x", but got the end'),
    ],
    [
      'for an argument in a filter that is not there',
      'type Subscription { a: Post @event(channel: "a", filter: "event.data.x == args.x") }',
      invalid('expected an argument for args.x, but the field has none'),
    ],
  ])('%s', (_title, sdl, problem) => {
    expect(problemsOf(`${header()} ${posts} ${sdl}`)).toEqual([problem]);
  });

  it('where it is not composed', () => {
    expect(problemsOf(`${header('v1.1', '')} ${posts}`)).toEqual([
      'DIRECTIVE_COMPOSITION_ERROR [s0] Expected @composeDirective(name: "@event") beside the link of ' +
        'https://specs.tributary.dev/tributary/v1.0, but there is none: where events come from would be lost in composition',
    ]);
  });

  it('where the link is older than the directive', () => {
    expect(problemsOf(`${header('v1.0')} ${posts}`)).toEqual([
      'DIRECTIVE_COMPOSITION_ERROR [s0] Expected a link of https://specs.tributary.dev/tributary/v1.1 or a later minor ' +
        'version, with which @event came, but got https://specs.tributary.dev/tributary/v1.0',
    ]);
  });

  it('where the definition is another', () => {
    const other = header().replace('repeatable ', '');
    expect(problemsOf(`${other} ${posts}`)?.[0]).toContain(
      'Expected the definition "directive @event(channel: String!, filter: String) repeatable on FIELD_DEFINITION"',
    );
  });

  it('where two subgraphs have events for one field', () => {
    const field = 'type Subscription { a: Post @event(channel: "a") }';
    expect(problemsOf(`${header()} ${posts} ${field}`, `${header()} ${posts} ${field}`)).toContain(
      'EVENT_SOURCE_SHARED [s1] Expected "Subscription.a" to have its @event in one subgraph, but "s0" has one as well',
    );
  });
});
