import { composeSupergraph, expectSupergraph } from '@tributary/planning';
import { parse, type DocumentNode } from 'graphql';

const federation = [
  '@authenticated',
  '@composeDirective',
  '@context',
  '@external',
  '@fromContext',
  '@inaccessible',
  '@interfaceObject',
  '@key',
  '@policy',
  '@requires',
  '@requiresScopes',
  '@shareable',
];

/** The lines that make a schema a subgraph's that says what is personal in it. */
export const linked = `
  extend schema
    @link(url: "https://specs.tributary.dev/tributary/v1.0", import: ["@personal"])
    @composeDirective(name: "@personal")
  directive @personal on FIELD_DEFINITION | OBJECT
`;

/** Composes subgraphs that need not link federation, for tests: `compose({ users: 'type Query { me: User } …' })`. */
export function composeForTest(schemas: Readonly<Record<string, string>>): string {
  const link = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.11", import: ${JSON.stringify(federation)})`;
  const { supergraphSdl } = expectSupergraph(
    composeSupergraph(
      Object.entries(schemas).map(([name, sdl]) => ({
        name,
        url: `http://${name}.test/`,
        sdl: `${link}\n${sdl}`,
      })),
    ),
  );
  return supergraphSdl;
}

/** A supergraph as its readers take it. */
export const supergraphOf = (
  schemas: Readonly<Record<string, string>>,
): { readonly document: DocumentNode } => ({
  document: parse(composeForTest(schemas)),
});
