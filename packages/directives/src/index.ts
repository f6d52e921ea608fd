export { argumentOf, directivesByCoordinate, typesOf, type TypeNode } from './applications.ts';
export { readLinks, type LinkedFeature } from './links.ts';
export { linkedSubgraphs, recordOfLinks } from './linked-subgraphs.ts';
export { isOurs, specification } from './specification.ts';
