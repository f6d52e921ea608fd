import { operationFromDocument, Supergraph } from '@apollo/federation-internals';
import {
  QueryPlanner,
  type FetchNode,
  type QueryPlan,
  type QueryPlanSelectionNode,
} from '@apollo/query-planner';
import { composeSupergraph, expectSupergraph, type CompositionResult } from '@tributary/planning';
import { createPlanBuilder } from '@tributary/planning/plan-builder';
import { parse } from 'graphql';

/** Everything that a small test schema may use without a `@link` of its own. */
const directives = [
  '@authenticated',
  '@composeDirective',
  '@context',
  '@cost',
  '@external',
  '@fromContext',
  '@inaccessible',
  '@interfaceObject',
  '@key',
  '@listSize',
  '@override',
  '@policy',
  '@provides',
  '@requires',
  '@requiresScopes',
  '@shareable',
  '@tag',
];
const link = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.11", import: ${JSON.stringify(directives)})`;

/** Small schemas by the names of their subgraphs. */
export type Schemas = Readonly<Record<string, string>>;

/** Composes schemas that need no `@link`: all federation directives are imported. */
export const composeAll = (schemas: Schemas): CompositionResult =>
  composeSupergraph(
    Object.entries(schemas).map(([name, sdl]) => ({
      name,
      url: `http://${name}.test/graphql`,
      sdl: `${link}\n${sdl}`,
    })),
  );

export const supergraphOf = (schemas: Schemas): string => expectSupergraph(composeAll(schemas)).supergraphSdl;

/** The codes of all composition errors, each once. */
export const errorCodesOf = (schemas: Schemas): string[] => [
  ...new Set(composeAll(schemas).errors?.map(({ code }) => code)),
];

/** What `@override(label:)` decided for the request. */
export type OverrideLabels = Readonly<Record<string, boolean>>;

/**
 * The requests of a query plan as steps: those of one step start together, the next step waits for them. A request is
 * written `subgraph {selection}`, one for entities `subgraph(Type key) {selection}`, where `read→sent` says that a key
 * of the representation is sent under another name.
 *
 * @example planOf(supergraphSdl, '{ post { author { name } } }')
 * // [['posts {post{author{__typename id}}}'], ['users(User id) {...on User{name}}']]
 */
export function planOf(supergraphSdl: string, query: string, labels: OverrideLabels = {}): string[][] {
  // Every feature: the planner knows more of them than the stock gateway takes.
  const supergraph = Supergraph.build(supergraphSdl, { supportedFeatures: null });
  const operation = operationFromDocument(supergraph.apiSchema(), parse(query));
  const overrideConditions = new Map(Object.entries(labels));
  return stepsOf(new QueryPlanner(supergraph).buildQueryPlan(operation, { overrideConditions }).node);
}

/** The same of the plan that the gateway gets, with the planner's defects corrected. */
export function correctedPlanOf(
  supergraphSdl: string,
  query: string,
  overrideLabels: string[] = [],
): string[][] {
  return stepsOf(createPlanBuilder(supergraphSdl)({ document: query, overrideLabels }).node);
}

function stepsOf(node: QueryPlan['node']): string[][] {
  if (!node) return [];
  if (node.kind === 'Fetch') return [[describeFetch(node)]];
  if (node.kind === 'Flatten') return stepsOf(node.node);
  if (node.kind === 'Sequence') return node.nodes.flatMap(stepsOf);
  if (node.kind === 'Parallel') return alongside(node.nodes.map(stepsOf));
  throw new Error(`Expected a plan of fetches, but got ${node.kind}`);
}

function alongside(branches: readonly string[][][]): string[][] {
  const length = Math.max(...branches.map((steps) => steps.length));
  return Array.from({ length }, (_, index) => branches.flatMap((steps) => steps[index] ?? []));
}

const entitiesQuery = /^query\(.*?\)\{_entities\(representations:\$representations\)(.*)\}$/;

function describeFetch({ serviceName, operation, requires, inputRewrites = [] }: FetchNode): string {
  if (!requires) return `${serviceName} ${operation}`;
  const representations = requires.map(describeRequired).join(' | ');
  const renames = inputRewrites.flatMap((rewrite) =>
    rewrite.kind === 'KeyRenamer' ? ` ${rewrite.path.slice(1).join('.')}→${rewrite.renameKeyTo}` : [],
  );
  return `${serviceName}(${representations}${renames.join('')}) ${entitiesQuery.exec(operation)?.[1] ?? operation}`;
}

function describeRequired(selection: QueryPlanSelectionNode): string {
  const inner = (selection.selections ?? []).map(describeRequired).filter((text) => text !== '__typename');
  if (selection.kind === 'InlineFragment') return [selection.typeCondition, ...inner].join(' ');
  return inner.length > 0 ? `${selection.name}{${inner.join(' ')}}` : selection.name;
}
