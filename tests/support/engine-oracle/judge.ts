import { toError } from '@tributary/errors';
import {
  compareAnswers,
  compareDegraded,
  executeMonolith,
  startRun,
  type AnswerDifference,
  type ComparableAnswer,
  type FailureMode,
  type GeneratedSupergraph,
  type RandomOperation,
} from '@tributary/testkit';
import { createLogger } from '@tributary/telemetry';

import type { Engine, LoadEngine } from '../../../gateway/src/engine/engine.ts';
import { coerceVariables } from '../../../gateway/src/operations/coerce-variables.ts';
import { prepareDocument } from '../../../gateway/src/operations/prepare-document.ts';
import { selectOperation } from '../../../gateway/src/operations/select-operation.ts';
import { readSupergraph } from '../../../gateway/src/supergraph/read-supergraph.ts';
import {
  createMemoryClient,
  type Interference,
  type MemoryClient,
  type RecordedFetch,
} from './memory-client.ts';

/** One operation on a generated supergraph, and what goes wrong meanwhile. */
export interface Question {
  readonly operation: RandomOperation;
  readonly failures: FailureMode;
  /** The labels of `@override` that are on. */
  readonly overrideLabels: readonly string[];
}

/** What an engine made of a question. */
export interface Judgement {
  readonly differences: readonly AnswerDifference[];
  readonly fetches: readonly RecordedFetch[];
  readonly actual: ComparableAnswer;
  readonly expected: ComparableAnswer;
  /** How many fields failed, of those that the operation reaches. */
  readonly failed: number;
}

/** An engine on a generated supergraph. */
export interface Bench {
  judge(question: Question): Promise<Judgement>;
  stop(): Promise<void>;
}

/** Puts an engine on a generated supergraph and compares its answers with those of graphql-js on the whole schema. */
export async function startBench(
  supergraph: GeneratedSupergraph,
  load: LoadEngine,
  interference?: Interference,
): Promise<Bench> {
  const memory = createMemoryClient(supergraph, interference);
  const logger = createLogger({
    name: 'oracle',
    level: 'silent',
    destination: { write: () => undefined },
  });
  const engine = await load(readSupergraph(supergraph.sdl, { source: 'oracle' }), {
    subgraphClient: memory.client,
    logger,
  });
  return {
    judge: (question) => judge(supergraph, question, { engine, memory }),
    stop: () => engine.stop(),
  };
}

async function judge(
  supergraph: GeneratedSupergraph,
  { operation, failures, overrideLabels }: Question,
  parts: { readonly engine: Engine; readonly memory: MemoryClient },
): Promise<Judgement> {
  const isDegraded = failures.kind === 'down' || failures.kind === 'missing';
  const wholeRun = startRun(supergraph.world, isDegraded ? { kind: 'none' } : failures);
  const whole = await executeMonolith(supergraph.schema, operation, wholeRun);
  const { answer, fetches } = await ask(supergraph, { operation, failures, overrideLabels }, parts);
  const expected = asJson(whole);
  const judged = { fetches, actual: answer, expected, failed: wholeRun.failed };
  if (isDegraded) {
    const mayLoseSilently = failures.kind === 'missing';
    return { ...judged, differences: compareDegraded(answer, expected, { mayLoseSilently }) };
  }
  if (!wholeRun.hasHiddenFailure) return { ...judged, differences: compareAnswers(answer, expected) };
  // What failed was only required, so that the client may or may not be told of it.
  const told = { ...answer, errors: (answer.errors ?? []).filter((error) => !isNotice(answer, error)) };
  return { ...judged, differences: compareAnswers(told, expected) };
}

/** An error that speaks of no null: of something that only a `@requires` has asked for. */
function isNotice(
  { data }: ComparableAnswer,
  { path = [] }: NonNullable<ComparableAnswer['errors']>[number],
): boolean {
  let value = data;
  for (const key of path) {
    if (typeof value !== 'object' || value === null) return false;
    value = (value as Readonly<Record<string | number, unknown>>)[key];
  }
  return typeof value === 'object' && value !== null;
}

let requests = 0;

async function ask(
  supergraph: GeneratedSupergraph,
  { operation, failures, overrideLabels }: Question,
  { engine, memory }: { readonly engine: Engine; readonly memory: MemoryClient },
): Promise<{ answer: ComparableAnswer; fetches: readonly RecordedFetch[] }> {
  const requestId = `case-${(requests += 1)}`;
  const fetches = memory.begin(requestId, startRun(supergraph.world, failures, overrideLabels));
  try {
    const prepared = prepareDocument(operation.query, { schema: engine.schema, introspection: true });
    if (prepared.errors) throw new Error(`The operation is not valid: ${prepared.errors[0]?.message}`);
    const selected = selectOperation(prepared.operations, operation.operationName);
    const { variables } = operation;
    const coercedVariables = coerceVariables(selected, variables, {
      schema: engine.schema,
      introspection: true,
    });
    const planned = await engine.plan({ operation: selected, overrideLabels });
    const answer = await planned.execute({
      variables,
      coercedVariables,
      fetchContext: { requestId, identityProjection: '', signal: new AbortController().signal },
    });
    return { answer: asJson(answer), fetches };
  } catch (error: unknown) {
    return { answer: { data: `It threw ${toError(error).stack}` }, fetches };
  } finally {
    memory.end(requestId);
  }
}

/** As a client gets it: no instances, no prototypes. */
function asJson({
  data,
  errors,
}: {
  readonly data?: unknown;
  readonly errors?: readonly object[] | undefined;
}) {
  const parsed: unknown =
    typeof data === 'string' ? JSON.parse(data) : JSON.parse(JSON.stringify(data ?? null));
  const list = (errors ?? []).map(
    (error) => JSON.parse(JSON.stringify(error)) as { path?: (string | number)[] },
  );
  return { data: parsed, errors: list };
}
