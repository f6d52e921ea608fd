/** The three subgraphs, in the order in which they start. */
export const subgraphNames = ['users', 'posts', 'comments'] as const;

export type SubgraphName = (typeof subgraphNames)[number];

/** A file of a subgraph. */
export const subgraphFile = (name: SubgraphName, path: string): URL =>
  new URL(`../../subgraphs/${name}/${path}`, import.meta.url);
