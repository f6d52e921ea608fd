import { ApolloGateway } from '@apollo/gateway';
import { composeSupergraph, expectSupergraph } from '@tributary/planning';
import { buildASTSchema, parse, print, validateSchema } from 'graphql';
import { describe, expect, it } from 'vitest';

import { withoutUnsupportedFeatures } from './without-unsupported-features.ts';

const link = (imports: readonly string[]) =>
  `extend schema @link(url: "https://specs.apollo.dev/federation/v2.12", import: ${JSON.stringify(imports)}) `;

const compose = (sdls: Readonly<Record<string, string>>) =>
  expectSupergraph(
    composeSupergraph(
      Object.entries(sdls).map(([name, sdl]) => ({ name, url: `http://127.0.0.1/${name}`, sdl })),
    ),
  ).supergraphSdl;

const load = (sdl: string) => {
  process.env['APOLLO_TELEMETRY_DISABLED'] = '1';
  const silent = () => {};
  const logger = { debug: silent, info: silent, warn: silent, error: silent };
  return new ApolloGateway({ supergraphSdl: sdl, validateSupergraph: true, logger }).load();
};

const strip = (sdl: string) => print(withoutUnsupportedFeatures(parse(sdl)));

const protectedSupergraph = compose({
  users: `${link(['@key', '@authenticated', '@requiresScopes', '@policy', '@cost', '@tag', '@inaccessible'])}
    type Query { me: User @authenticated  admin: String @requiresScopes(scopes: [["admin"], ["root", "read:users"]]) }
    type User @key(fields: "id") @tag(name: "public") {
      id: ID!
      email: String @policy(policies: [["owner"]]) @cost(weight: 5)
      secret: String @inaccessible
      role: Role
    }
    enum Role { ADMIN USER }
    scalar Phone`,
})
  // As older composers let through.
  .replace(/^enum Role$/m, 'enum Role @authenticated')
  .replace(/^scalar Phone$/m, 'scalar Phone @authenticated');

const contextual = compose({
  shop: `${link(['@key', '@context', '@fromContext'])}
    type Query { user: User }
    type User @key(fields: "id") @context(name: "buyer") { id: ID! currency: String! cart: Cart }
    type Cart @key(fields: "id") { id: ID! total(currency: String @fromContext(field: "$buyer { currency }")): Int }`,
  other: `${link(['@key'])}
    type Cart @key(fields: "id") { id: ID! note: String }`,
});

const renamed = compose({
  users: `extend schema
      @link(url: "https://specs.apollo.dev/federation/v2.12", import: ["@key", { name: "@authenticated", as: "@login" }])
    type Query { me: String @login }`,
});

const cached = compose({
  users: `${link(['@key', '@cacheTag'])}
    type Query { user(id: ID!): User @cacheTag(format: "user-{$args.id}") }
    type User @key(fields: "id") @cacheTag(format: "user-{$key.id}") { id: ID! name: String }`,
});

describe('withoutUnsupportedFeatures', () => {
  it.each([
    ['@authenticated, @requiresScopes and @policy', protectedSupergraph],
    ['@context', contextual],
    ['@authenticated by another name', renamed],
    ['@cacheTag', cached],
  ])('makes stock load a supergraph with %s, which it refuses as it is', async (_what, sdl) => {
    const bare = strip(sdl);
    const { schema } = await load(bare);
    expect(schema.getQueryType()).toBeDefined();
    expect(validateSchema(buildASTSchema(parse(bare)))).toEqual([]);
    await expect(load(sdl)).rejects.toThrow(/unsupported/);
  });

  it('leaves nothing of them behind', () => {
    expect(strip(protectedSupergraph)).not.toMatch(/authenticated|requiresScopes|policy/i);
    expect(strip(contextual)).not.toMatch(/specs\.apollo\.dev\/context|@context|contextArguments: \[\{/);
    expect(strip(renamed)).not.toMatch(/login|authenticated/);
    expect(strip(cached)).not.toMatch(/cacheTag/i);
  });

  it('keeps what stock knows or may ignore', () => {
    const bare = strip(protectedSupergraph);
    for (const kept of [
      '@tag(name: "public")',
      '@inaccessible',
      'specs.apollo.dev/cost',
      '@cost(weight: 5)',
    ]) {
      expect(bare).toContain(kept);
    }
  });

  it('gives back a supergraph that needs no change as it is', () => {
    const document = parse(compose({ a: 'type Query { a: Int }' }));
    expect(withoutUnsupportedFeatures(document)).toBe(document);
  });

  it('takes out what @join__directive says about them for a subgraph', () => {
    const sdl = `
      schema
        @link(url: "https://specs.apollo.dev/link/v1.0")
        @link(url: "https://specs.apollo.dev/connect/v0.1", for: EXECUTION)
        @join__directive(graphs: [A], name: "link", args: { url: "https://specs.apollo.dev/connect/v0.1" })
        @join__directive(graphs: [A], name: "link", args: { url: "https://example.com/mine/v1.0" }) { query: Query }
      type Query { a: Int @join__directive(graphs: [A], name: "connect", args: { selection: "a" }) }
    `;
    const bare = strip(sdl);
    expect(bare).not.toContain('connect');
    expect(bare).toContain('https://example.com/mine/v1.0');
  });
});
