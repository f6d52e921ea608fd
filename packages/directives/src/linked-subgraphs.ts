import { Kind, type DocumentNode, type EnumTypeDefinitionNode } from 'graphql';

import { argumentOf } from './applications.ts';
import { schemaDirectives, splitUrl } from './links.ts';
import { isOurs, specification } from './specification.ts';

/**
 * What a composed schema says of the subgraphs that link our specification, in the form in which federation itself
 * records a subgraph's links: `@join__directive(graphs: [USERS], name: "link", args: { url: "https://specs.…" })`.
 */
export const recordOfLinks = (graphs: readonly string[]) => ({
  graphs,
  name: 'link',
  args: { url: specification.url },
});

/**
 * The names of the subgraphs that link our specification. Of the others nobody said what depends on the caller; neither
 * does a supergraph that another composer made.
 */
export function linkedSubgraphs(supergraph: DocumentNode): ReadonlySet<string> {
  const names = graphNames(supergraph);
  const linked = schemaDirectives(supergraph).flatMap((directive) => {
    if (directive.name.value !== 'join__directive' || argumentOf(directive, 'name') !== 'link') return [];
    const { url } = (argumentOf(directive, 'args') ?? {}) as { readonly url?: unknown };
    if (typeof url !== 'string' || !isOurs(splitUrl(url))) return [];
    return (argumentOf(directive, 'graphs') ?? []) as readonly string[];
  });
  return new Set(linked.flatMap((graph) => names.get(graph) ?? []));
}

/** The subgraphs' own names by those that they have in the enum `join__Graph`. */
export function graphNames({ definitions }: DocumentNode): ReadonlyMap<string, string> {
  const graphs = definitions.find(
    (definition): definition is EnumTypeDefinitionNode =>
      definition.kind === Kind.ENUM_TYPE_DEFINITION && definition.name.value === 'join__Graph',
  );
  return new Map(
    (graphs?.values ?? []).flatMap(({ name, directives = [] }) => {
      const graph = directives.find((directive) => directive.name.value === 'join__graph');
      const own = graph && argumentOf(graph, 'name');
      return typeof own === 'string' ? [[name.value, own] as const] : [];
    }),
  );
}
