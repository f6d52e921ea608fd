import { composeSupergraph, expectSupergraph } from '../../packages/planning/src/index.ts';
import { social } from '../gateway/graphs/social.ts';

// What a deploy adds: a type and a field that nobody asks for yet.
const additions = ['', 'type Draft { id: ID! }', 'type Draft { id: ID! title: String }'];

/** Supergraphs that differ as those of two deploys do; all of them answer the same operations. */
export function composeVariants(urls: Readonly<Record<string, string>>): readonly string[] {
  return additions.map((addition) => {
    const subgraphs = social.subgraphs.map(({ name, sdl }) => {
      const more = addition && name === 'posts' ? `${addition}\nextend type Query { draft: Draft }` : '';
      return { name, url: urls[name] ?? '', sdl: `${sdl}\n${more}` };
    });
    return expectSupergraph(composeSupergraph(subgraphs)).supergraphSdl;
  });
}
