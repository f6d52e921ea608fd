import type { PlanNode, QueryPlan } from '@tributary/planning/planner';
import type { MemoryRequest } from '@tributary/testkit';
import {
  GraphQLList,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
} from 'graphql';

import type { SubgraphAnswer } from '../../../gateway/src/subgraph-client/subgraph-client.ts';
import type { EngineSeams } from './load-in-process.ts';
import type { Interference } from './memory-client.ts';

/** A mistake that an engine could make, put between its parts: nothing of it is in the engine's own code. */
export interface Sabotage extends EngineSeams {
  /** Changes requests and answers. */
  readonly interference?: Interference;
  /** Which of the engine's modules is replaced, by a name that the test knows. */
  readonly module?: 'merge overwrites' | 'arguments are not told apart';
}

/** Each as small as it can be. */
export const sabotages: Readonly<Record<string, Sabotage>> = {
  'what is known of an entity is used for other arguments': { module: 'arguments are not told apart' },
  'what one fetch brings overwrites what another one brought': { module: 'merge overwrites' },
  'a condition means its opposite': { changePlan: (plan) => mapNodes(plan, invertCondition) },
  'a null stays where it must not be': { changeSchema: allowNulls },
  'one of two aliases is lost': { interference: { answer: (answer) => eachObject(answer, loseAlias) } },
  'an input rewrite is forgotten': {
    changePlan: (plan) =>
      mapNodes(plan, (node) => {
        if (node.kind === 'Fetch') delete node.inputRewrites;
      }),
  },
  'entities are put at the wrong places': {
    interference: { answer: (answer) => eachList(answer, (entities) => entities.toReversed()) },
  },
  'an error is told of the entity before': { interference: { answer: shiftErrors } },
  'a representation lacks what a field requires': { interference: { ask: withoutRequired } },
  'an error becomes a null that nobody speaks of': { interference: { answer: withoutErrors } },
  'labels of @override are ignored': { changeLabels: () => [] },
  'fetches do not wait for each other': {
    changePlan: (plan) =>
      mapNodes(plan, (node) => {
        if (node.kind === 'Sequence') Object.assign(node, { kind: 'Parallel' });
      }),
  },
};

type JsonObject = Record<string, unknown>;

function mapNodes(plan: QueryPlan, change: (node: PlanNode) => void): QueryPlan {
  const copy = structuredClone(plan);
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    if ('kind' in value) change(value as PlanNode);
    for (const part of Object.values(value)) visit(part);
  };
  visit(copy);
  return copy;
}

function invertCondition(node: PlanNode): void {
  if (node.kind === 'Condition') {
    const { ifClause, elseClause } = node;
    Object.assign(node, { ifClause: elseClause, elseClause: ifClause });
  }
  if (node.kind === 'Fetch') node.operation = node.operation.replaceAll('@include', '@skip');
}

/** Without `!` on what is answered. */
function allowNulls(schema: GraphQLSchema): void {
  const types = Object.values(schema.getTypeMap()).filter(
    (type) => isObjectType(type) || isInterfaceType(type),
  );
  for (const type of types) {
    if (type.name.startsWith('__')) continue;
    for (const field of Object.values(type.getFields())) field.type = nullable(field.type);
  }
}

function nullable(type: GraphQLOutputType): GraphQLOutputType {
  if (isNonNullType(type)) return nullable(type.ofType);
  return isListType(type) ? new GraphQLList(nullable(type.ofType)) : type;
}

function eachObject(answer: SubgraphAnswer, change: (object: JsonObject) => void): SubgraphAnswer {
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    if (!Array.isArray(value)) change(value as JsonObject);
    for (const part of Object.values(value)) visit(part);
  };
  visit(answer.data);
  return answer;
}

/** Of `a__1` and `a__2`, the later one. */
function loseAlias(object: JsonObject): void {
  const aliases = Object.keys(object).filter((key) => /__\d+$/.test(key));
  const names = aliases.map((key) => key.replace(/__\d+$/, ''));
  for (const [index, name] of names.entries()) {
    if (names.indexOf(name) < index || name in object) delete object[aliases[index] ?? ''];
  }
}

/** The lists of entities in an answer. */
function eachList(answer: SubgraphAnswer, change: (entities: unknown[]) => unknown[]): SubgraphAnswer {
  const lists = Object.entries(answer.data ?? {}).map(([key, value]) => [
    key,
    /^(_entities|e\d+)$/.test(key) && Array.isArray(value) ? change(value) : value,
  ]);
  return answer.data ? { ...answer, data: Object.fromEntries(lists) as JsonObject } : answer;
}

function shiftErrors(answer: SubgraphAnswer): SubgraphAnswer {
  const errors = (answer.errors ?? []).map((error) => {
    const path = [...(error.path ?? [])];
    const index = path.findLastIndex((key) => typeof key === 'number');
    if (index >= 0) path[index] = Math.max(0, Number(path[index]) - 1);
    return { ...error, path };
  });
  return errors.length > 0 ? { ...answer, errors } : answer;
}

function withoutErrors({ errors, ...answer }: SubgraphAnswer): SubgraphAnswer {
  return answer.data || !errors ? answer : { ...answer, errors };
}

/** Without one of the fields that are no keys, which have names of their own. */
function withoutRequired(request: MemoryRequest): MemoryRequest {
  const drop = (value: unknown): unknown => {
    if (!Array.isArray(value)) return value;
    return value.map((representation: unknown) => {
      if (typeof representation !== 'object' || representation === null) return representation;
      const required = Object.keys(representation).find((key) => /^[for]\d+/.test(key));
      return Object.fromEntries(Object.entries(representation).filter(([key]) => key !== required));
    });
  };
  const variables = Object.entries(request.variables ?? {}).map(([name, value]) => [
    name,
    name.startsWith('representations') ? drop(value) : value,
  ]);
  return { ...request, variables: Object.fromEntries(variables) as JsonObject };
}
