import { Supergraph } from '@apollo/federation-internals';
import { linkedSubgraphs } from '@tributary/directives';
import { parse } from 'graphql';
import { describe, expect, it } from 'vitest';

import { apiSchema } from './api-schema.ts';
import { composeSupergraph } from './compose-supergraph.ts';
import { expectSupergraph } from './composition-error.ts';

const directives = [
  '@key',
  '@interfaceObject',
  '@composeDirective',
  '@authenticated',
  '@requiresScopes',
  '@policy',
];
const federation = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.11", import: ${JSON.stringify(directives)})\n`;
const link =
  'extend schema @link(url: "https://specs.tributary.dev/tributary/v1.0", import: ["@personal"])\n';
const compose = 'extend schema @composeDirective(name: "@personal")\n';
const definition = 'directive @personal on FIELD_DEFINITION | OBJECT\n';
const ours = link + compose + definition;

const composeAll = (...schemas: readonly string[]) =>
  composeSupergraph(
    schemas.map((sdl, index) => ({
      name: `s${index}`,
      url: `http://s${index}.test/`,
      sdl: federation + sdl,
    })),
  );
const problemsOf = (...schemas: readonly string[]) =>
  composeAll(...schemas).errors?.map(({ code, message }) => `${code} ${message}`);

describe('the record of who links our specification', () => {
  const supergraphSdl = () =>
    expectSupergraph(
      composeAll(
        `${ours} type Query { me: String @personal }`,
        'type Query { a: Int }',
        `${ours} type Query { b: Int }`,
      ),
    ).supergraphSdl;

  it('names the subgraphs that do, in the supergraph', () => {
    expect(supergraphSdl()).toContain(
      '@join__directive(graphs: [S0, S2], name: "link", args: {url: "https://specs.tributary.dev/tributary/v1.0"})',
    );
    expect([...linkedSubgraphs(parse(supergraphSdl()))]).toEqual(['s0', 's2']);
  });

  it('is nothing that federation’s own readers mind, and nothing that clients see', () => {
    const supergraph = Supergraph.build(supergraphSdl(), { supportedFeatures: null });
    expect(supergraph.subgraphs().names()).toEqual(['s0', 's1', 's2']);
    expect(apiSchema(supergraphSdl()).getDirective('personal')).toBeUndefined();
  });

  it('is left out where nobody does', () => {
    const { supergraphSdl } = expectSupergraph(composeAll('type Query { a: Int }'));
    expect(supergraphSdl).not.toContain('tributary');
  });

  it('counts a link that has a directive by another name', () => {
    const renamed =
      'extend schema @link(url: "https://specs.tributary.dev/tributary/v1.0", import: [{ name: "@personal", as: "@mine" }])' +
      ' @composeDirective(name: "@mine") directive @mine on OBJECT | FIELD_DEFINITION type Query { me: Int @mine }';
    const { supergraphSdl } = expectSupergraph(composeAll(renamed));
    expect(supergraphSdl).toContain('me: Int @mine');
    expect([...linkedSubgraphs(parse(supergraphSdl))]).toEqual(['s0']);
  });
});

describe('a mark that would be lost is an error', () => {
  it('where it is not composed', () => {
    expect(problemsOf(`${link}${definition} type Query { me: Int @personal }`)).toEqual([
      'DIRECTIVE_COMPOSITION_ERROR [s0] Expected @composeDirective(name: "@personal") beside the link of ' +
        'https://specs.tributary.dev/tributary/v1.0, but there is none: what is personal would be lost in composition',
    ]);
  });

  it('where nothing is marked yet either', () => {
    expect(problemsOf(`${link}${definition} type Query { me: Int }`)).toHaveLength(1);
  });

  it('where the link is of a version that nobody knows', () => {
    expect(problemsOf(`${ours.replace('v1.0', 'v3.0')} type Query { me: Int @personal }`)).toEqual([
      'DIRECTIVE_COMPOSITION_ERROR [s0] Expected a link of https://specs.tributary.dev/tributary/v1.0 or a later minor ' +
        'version, but got https://specs.tributary.dev/tributary/v3.0',
    ]);
  });

  it('where the definition is another', () => {
    const other = 'directive @personal(why: String) on FIELD_DEFINITION\n';
    expect(problemsOf(`${link}${compose}${other} type Query { me: Int @personal }`)).toEqual([
      'DIRECTIVE_DEFINITION_INVALID [s0] Expected the definition "directive @personal on FIELD_DEFINITION | OBJECT", ' +
        'but got "directive @personal(why: String) on FIELD_DEFINITION"',
    ]);
  });

  it('where it stands on an interface object, and says where to put it', () => {
    const media =
      'interface Media @key(fields: "id") { id: ID! } type Book implements Media @key(fields: "id") { id: ID! } ' +
      'type Query { media: Media }';
    const reviews = 'type Media @interfaceObject @key(fields: "id") @personal { id: ID! stars: Int }';
    expect(problemsOf(ours + media, ours + reviews)).toContain(
      'PERSONAL_APPLIED_ON_INTERFACE_OBJECT [s1] Invalid use of @personal on interface object "Media": put it on its fields',
    );
  });
});

describe('protection that is not an object type’s or a field’s is an error', () => {
  it.each([
    [
      'an interface',
      'interface I @authenticated { a: Int } type A implements I { a: Int } type Query { i: I }',
    ],
    [
      'a field of an interface',
      'interface I { a: Int @policy(policies: [["p"]]) } type A implements I { a: Int } type Query { i: I }',
    ],
  ])('on %s', (_title, sdl) => {
    expect(problemsOf(sdl)?.join()).toMatch(
      /^AUTH_REQUIREMENTS_APPLIED_ON_INTERFACE \[s0\] Invalid use of @\w+ on (interface|field) "I/,
    );
  });

  it('on an interface object', () => {
    const media =
      'interface Media @key(fields: "id") { id: ID! } type Book implements Media @key(fields: "id") { id: ID! } ' +
      'type Query { media: Media }';
    const reviews = 'type Media @interfaceObject @key(fields: "id") @authenticated { id: ID! stars: Int }';
    expect(problemsOf(media, reviews)?.join()).toContain('AUTH_REQUIREMENTS_APPLIED_ON_INTERFACE');
  });

  it('on a scalar or an enum, with its place', () => {
    const { errors } = composeAll('scalar Secret @authenticated\ntype Query { a: Secret }');
    expect(errors).toEqual([
      {
        code: 'AUTH_REQUIREMENTS_APPLIED_ON_LEAF',
        message:
          '[s0] Invalid use of @authenticated on "Secret": @authenticated is for object types and their fields; ' +
          'put it on the fields that return Secret',
        locations: [{ subgraph: 's0', line: 2, column: 15, endLine: 2, endColumn: 29 }],
      },
    ]);
    expect(problemsOf('enum E @policy(policies: [["p"]]) { A } type Query { a: E }')).toHaveLength(1);
  });

  it('under another name, too', () => {
    const sdl =
      'extend schema @link(url: "https://specs.apollo.dev/federation/v2.11", import: [{ name: "@authenticated", as: "@locked" }])' +
      ' scalar Secret @locked type Query { a: Secret }';
    const { errors } = composeSupergraph([{ name: 's0', url: 'http://s0.test/', sdl }]);
    expect(errors?.[0].code).toBe('AUTH_REQUIREMENTS_APPLIED_ON_LEAF');
  });
});

it.each(['@requiresScopes(scopes: [])', '@requiresScopes(scopes: [["a"], []])', '@policy(policies: [[""]])'])(
  'refuses %s, which the composer takes for nothing at all',
  (directive) => {
    expect(problemsOf(`type Query { a: Int ${directive} }`)?.join()).toContain('AUTH_REQUIREMENTS_EMPTY');
  },
);

it('tells what the composer finds in the same run', () => {
  const problems = problemsOf(
    'scalar S @authenticated type Query { a: S } type T { x: Int }',
    'type T { x: String }',
  );
  expect(problems?.map((text) => text.split(' ')[0])).toEqual([
    'AUTH_REQUIREMENTS_APPLIED_ON_LEAF',
    'FIELD_TYPE_MISMATCH',
    'INVALID_FIELD_SHARING',
  ]);
});
