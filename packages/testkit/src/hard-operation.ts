import { composeSupergraph, expectSupergraph } from '@tributary/planning';

const subgraphCount = 8;
const link =
  'extend schema @link(url: "https://specs.apollo.dev/federation/v2.11", import: ["@key", "@shareable"])';
const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

/**
 * A ring of subgraphs, each of which knows a node by two keys, shares the second one with the next subgraph, and can
 * answer half of the node's fields: there are so many ways to a field that the planner compares them for a minute.
 * Beside it the first two subgraphs have a small entity.
 */
export function composeHardSupergraph(): string {
  const subgraphs = upTo(subgraphCount).map((index) => ({
    name: `ring${index}`,
    url: `http://ring${index}.test/graphql`,
    sdl: `${link} ${ringSubgraph(index)} ${smallTypes[index] ?? ''}`,
  }));
  return expectSupergraph(composeSupergraph(subgraphs)).supergraphSdl;
}

function ringSubgraph(index: number): string {
  const keys = [index, (index + 1) % subgraphCount];
  const isKnown = (field: number): boolean => (field + index) % 2 === 1;
  const values = upTo(4)
    .filter(isKnown)
    .map((field) => `value${field}: Int @shareable`);
  const nodes = upTo(2)
    .filter(isKnown)
    .map((field) => `node${field}: Node @shareable`);
  return `
    type Query { ${index === 0 ? 'node: Node' : `ring${index}: Int`} }
    type Node ${keys.map((key) => `@key(fields: "key${key}")`).join(' ')} {
      ${keys.map((key) => `key${key}: ID! @shareable`).join(' ')}
      ${[...values, ...nodes].join(' ')} own${index}: Int
    }`;
}

const smallFields = 12;
const fieldsOfSmall = (offset: number): string =>
  upTo(smallFields)
    .filter((field) => field % 2 === offset)
    .map((field) => `small${field}: Int`)
    .join(' ');
const smallTypes = [
  `extend type Query { small: Small } type Small @key(fields: "id") { id: ID! ${fieldsOfSmall(0)} }`,
  `type Small @key(fields: "id") { id: ID! ${fieldsOfSmall(1)} }`,
];

/** 400 characters that take the stock planner most of a minute. */
export const hardOperation = `{ node { ${nodeSelection(2)} } }`;

function nodeSelection(depth: number): string {
  const inner = depth === 0 ? [] : upTo(2).map((field) => `node${field} { ${nodeSelection(depth - 1)} }`);
  const values = [
    ...upTo(4).map((field) => `value${field}`),
    ...upTo(subgraphCount).map((field) => `own${field}`),
  ];
  return [...values, ...inner].join(' ');
}

/** The nth of some thousand operations that all plan within milliseconds. */
export function smallOperation(index: number): string {
  const chosen = upTo(smallFields).filter((field) => ((index + 1) >> field) % 2 === 1);
  return `{ small { id ${chosen.map((field) => `small${field}`).join(' ')} } }`;
}
