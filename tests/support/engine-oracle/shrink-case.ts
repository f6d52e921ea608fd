import {
  buildSupergraph,
  shrinkDocument,
  shrinkModel,
  type GeneratedSupergraph,
  type RandomOperation,
} from '@tributary/testkit';
import { print, separateOperations, validate, type DocumentNode } from 'graphql';

import type { LoadEngine } from '../../../gateway/src/engine/engine.ts';
import { startBench, type Judgement, type Question } from './judge.ts';
import type { Interference } from './memory-client.ts';
import type { Case } from './search.ts';

export interface ShrinkOptions {
  readonly load: LoadEngine;
  readonly interference?: Interference;
  /** @default 60 */
  readonly seconds?: number;
}

/** Looks for a smaller operation and then for a smaller supergraph with which the answers still differ alike. */
export async function shrinkCase(
  { supergraph, question, judgement, id }: Omit<Case, 'bench'>,
  { load, interference, seconds = 60 }: ShrinkOptions,
): Promise<Omit<Case, 'bench'>> {
  const end = performance.now() + seconds * 1000;
  const isLike = (other: Judgement) => natureOf(other) === natureOf(judgement);
  let smallest: Attempt = { supergraph, question, judgement };
  const judgeOn = async (candidate: GeneratedSupergraph, asked: Question): Promise<Judgement> => {
    const bench = await startBench(candidate, load, interference);
    try {
      return await bench.judge(asked);
    } finally {
      await bench.stop();
    }
  };
  const attempt = async (candidate: GeneratedSupergraph, asked: Question): Promise<boolean> => {
    if (validate(candidate.schema, asked.operation.document).length > 0) return false;
    const judged = await judgeOn(candidate, asked).catch(() => undefined);
    if (!judged || !isLike(judged)) return false;
    smallest = { supergraph: candidate, question: asked, judgement: judged };
    return true;
  };
  await firstFinding(
    end,
    () => smallerQuestions(smallest),
    ([asked]) => attempt(smallest.supergraph, asked),
  );
  await firstFinding(
    end,
    () => smallerSupergraphs(smallest.supergraph),
    ([candidate]) => attempt(candidate, smallest.question),
  );
  return { ...smallest, id };
}

type Attempt = Pick<Case, 'supergraph' | 'question' | 'judgement'>;

/** Begins anew with each one that is taken, until none is. */
async function firstFinding<T>(
  end: number,
  candidates: () => Iterable<readonly [T]>,
  take: (candidate: readonly [T]) => Promise<boolean>,
): Promise<void> {
  for (let isSmaller = true; isSmaller;) {
    isSmaller = false;
    for (const candidate of candidates()) {
      if (performance.now() > end) return;
      if (await take(candidate)) {
        isSmaller = true;
        break;
      }
    }
  }
}

/** What kind of difference it is; one that threw is another one than one that answered. */
const natureOf = ({ differences, actual }: Judgement): string =>
  [
    [...new Set(differences.map(({ kind }) => kind))].toSorted().join(),
    typeof actual.data === 'string' ? actual.data.split('\n')[0] : '',
  ].join(' ');

function* smallerQuestions({ supergraph, question }: Attempt): Generator<readonly [Question]> {
  const { operation } = question;
  for (const document of shrinkDocument(supergraph.schema, operation)) {
    yield [{ ...question, operation: toOperation(document, operation) }];
  }
}

function toOperation(document: DocumentNode, { variables, operationName }: RandomOperation): RandomOperation {
  const isOne = Object.keys(separateOperations(document)).length === 1;
  const name = isOne || operationName === undefined ? {} : { operationName };
  return { document, query: print(document), variables, ...name };
}

function* smallerSupergraphs({
  world,
  seed,
}: GeneratedSupergraph): Generator<readonly [GeneratedSupergraph]> {
  for (const model of shrinkModel(world.model)) {
    const built = tryToBuild(model, seed);
    if (built) yield [built];
  }
}

function tryToBuild(
  model: Parameters<typeof buildSupergraph>[0],
  seed: string,
): GeneratedSupergraph | undefined {
  try {
    const built = buildSupergraph(model, seed);
    return typeof built === 'string' ? undefined : built;
  } catch {
    return undefined;
  }
}
