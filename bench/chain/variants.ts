type Settings = Readonly<Record<string, string>>;

/** One way to run the chain. */
export interface Variant {
  readonly name: string;
  /** Whose gateway and whose subgraph servers; resolvers, loaders and SQL are the same. */
  readonly make: 'ours' | 'stock';
  /** Of the gateway, over the defaults of production. */
  readonly gateway?: Settings;
  /** Of each subgraph, over the defaults of production. */
  readonly subgraphs?: Settings;
}

const compiled = { EXECUTION: 'compiled' };
const interpreted = { EXECUTION: 'interpreted' };
const naive = { BATCHING: 'false' };

export const variants: readonly Variant[] = [
  { name: 'tributary', make: 'ours' },
  { name: 'tributary-interpreted', make: 'ours', subgraphs: interpreted },
  { name: 'tributary-compiled', make: 'ours', subgraphs: compiled },
  { name: 'tributary-naive', make: 'ours', subgraphs: naive },
  { name: 'tributary-stock-engine', make: 'ours', gateway: { ENGINE: 'apollo' } },
  { name: 'stock', make: 'stock' },
  { name: 'stock-naive', make: 'stock', subgraphs: naive },
];

/** Those that are measured unless somebody chooses: ours, what loaders save, and what everybody has. */
export const usualVariants = ['tributary', 'tributary-naive', 'stock', 'stock-naive'];
