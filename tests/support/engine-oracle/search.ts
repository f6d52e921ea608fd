import {
  describeDifferences,
  describeOperation,
  generateSupergraph,
  hashOf,
  randomOperation,
  seededChance,
  supergraphModel,
  type FailureMode,
  type GeneratedSupergraph,
  type RandomOperation,
} from '@tributary/testkit';
import { sample } from 'fast-check';
import { OperationTypeNode } from 'graphql';

import type { LoadEngine } from '../../../gateway/src/engine/engine.ts';
import { startBench, type Bench, type Judgement, type Question } from './judge.ts';
import type { Interference } from './memory-client.ts';

export interface SearchOptions {
  readonly load: LoadEngine;
  readonly cases: number;
  /** Ends the search without a verdict on the rest. @default no limit */
  readonly seconds?: number;
  readonly seed: number;
  /** Operations on each supergraph. @default 15 */
  readonly operations?: number;
  readonly interference?: Interference;
  /** Told of each case; `true` ends the search. */
  readonly onCase: (asked: Case) => boolean | Promise<boolean>;
}

export interface Case {
  readonly supergraph: GeneratedSupergraph;
  readonly question: Question;
  readonly judgement: Judgement;
  readonly bench: Bench;
  /** What to give as ORACLE_CASE to see this one again: the seed of the supergraph and the number of the operation. */
  readonly id: string;
}

export interface SearchResult {
  readonly cases: number;
  readonly supergraphs: number;
  readonly refused: number;
}

/** Asks random questions of random supergraphs, the same ones for the same seed. */
export async function search(options: SearchOptions): Promise<SearchResult> {
  const { load, cases, seconds = Infinity, seed, operations = 15, interference, onCase } = options;
  const end = performance.now() + seconds * 1000;
  const count = { cases: 0, supergraphs: 0, refused: 0 };
  while (count.cases < cases && performance.now() < end) {
    const supergraph = generateSupergraph(`${seed}.${count.supergraphs}`);
    count.supergraphs += 1;
    count.refused += supergraph.refused.length;
    const bench = await startBench(supergraph, load, interference);
    try {
      for (const [index, question] of questionsFor(supergraph, operations).entries()) {
        if (count.cases >= cases || performance.now() >= end) break;
        count.cases += 1;
        const judgement = await bench.judge(question);
        const id = `${supergraph.seed}#${index}`;
        if (await onCase({ supergraph, question, judgement, bench, id })) return count;
      }
    } finally {
      await bench.stop();
    }
  }
  return count;
}

/** The questions that are asked of a supergraph. */
export function questionsFor(supergraph: GeneratedSupergraph, count: number): Question[] {
  const { schema, seed } = supergraph;
  const operationTypes = [OperationTypeNode.QUERY, OperationTypeNode.QUERY, OperationTypeNode.QUERY];
  const arbitrary = randomOperation(schema, {
    operationTypes: schema.getMutationType()
      ? [...operationTypes, OperationTypeNode.MUTATION]
      : operationTypes,
    weightOf: weightsOf(supergraph),
    maxDepth: 7,
    maxFields: 25,
    maxItems: 60,
    assumedListSize: 2,
  });
  const drawn: readonly RandomOperation[] = sample(arbitrary, { numRuns: count, seed: hashOf(seed) | 0 });
  return drawn.map((operation, index) => ({
    operation,
    // A change that a subgraph never heard of is not counted, and then the counts of others differ.
    failures: failuresFor(supergraph, index, operation.query.includes('mutation')),
    overrideLabels: labelsFor(supergraph, index),
  }));
}

/** More of what leads to other subgraphs. */
function weightsOf({ world }: GeneratedSupergraph): (type: string, field: string) => number {
  const { objects, interfaces, unions } = world.model;
  return (type, name) => {
    const field = world.field(type, name);
    if (!field) return 3;
    if (Object.values(field.uses).some((use) => use?.requires !== undefined)) return 8;
    const named = supergraphModel.namedTypeOf(field.type);
    if ([...interfaces, ...unions].some((each) => each.name === named)) return 8;
    const kind = objects.find((each) => each.name === named)?.kind;
    return kind === 'entity' ? 6 : 2;
  };
}

function failuresFor({ seed, world }: GeneratedSupergraph, index: number, isMutation: boolean): FailureMode {
  const chance = seededChance(`${seed} failures ${index}`);
  const kind = chance.pick(failureKinds);
  const subgraph = chance.pick(world.model.subgraphs);
  const percent = chance.pick([5, 10, 25]);
  if (kind === 'none' || (kind === 'down' && isMutation)) return { kind: 'none' };
  if (kind === 'down') return { kind, subgraph };
  if (kind === 'missing') return { kind, subgraph, seed: `${seed} ${index}`, percent: percent * 3 };
  return { kind, seed: `${seed} ${index}`, percent };
}

const failureKinds = [
  ...Array.from({ length: 9 }, () => 'none' as const),
  ...(['throws', 'throws', 'throws', 'throws', 'nulls', 'nulls', 'nulls', 'nulls'] as const),
  'missing',
  'down',
  'down',
] as const;

/** `percent(100)` is always on; whoever runs the gateway decides about the others. */
function labelsFor({ seed, world }: GeneratedSupergraph, index: number): string[] {
  const chance = seededChance(`${seed} labels ${index}`);
  const uses = world.model.objects.flatMap(({ fields }) =>
    fields.flatMap((field) => Object.values(field.uses)),
  );
  const labels = new Set(uses.flatMap((use) => use?.override?.label ?? []));
  return [...labels].filter(
    (label) => label === 'percent(100)' || (label !== 'percent(0)' && chance.happens(50)),
  );
}

/** A case in words, with all that is needed to see it again. */
export const describeCase = ({ id, question, judgement, supergraph }: Omit<Case, 'bench'>): string =>
  [
    `ORACLE_CASE=${id} failures: ${JSON.stringify(question.failures)} labels: ${question.overrideLabels.join()}`,
    describeDifferences(judgement.differences),
    describeOperation(question.operation),
    ...[...supergraph.subgraphs.values()].map(({ name, sdl }) => `# subgraph ${name}\n${sdl}`),
    'fetches:',
    ...judgement.fetches.map(({ subgraph, request, answer }) =>
      [subgraph, request.query, JSON.stringify(request.variables), JSON.stringify(answer)].join(' | '),
    ),
    `actual: ${JSON.stringify(judgement.actual)}`,
    `expected: ${JSON.stringify(judgement.expected)}`,
  ].join('\n');
