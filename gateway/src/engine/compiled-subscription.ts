import type { SubgraphAddress, SubgraphAnswer } from '../subgraph-client/subgraph-client.ts';
import type { AnswerWriter } from './answer/compile-answer.ts';
import type {
  AnswerText,
  EventAnswer,
  EventRequest,
  ExecutableSubscription,
  ExecutionRequest,
  SubgraphFetcher,
} from './engine.ts';
import type { FreedOperation } from './free-variable-names.ts';
import type { ProgramSource } from './program/compile-program.ts';
import { Execution, type Step } from './program/execution.ts';
import { compileRootBody, takeRootAnswer } from './program/fetch-root.ts';

export interface CompiledSubscriptionParts {
  /** What is fetched for an event once its entity is there. */
  readonly run: Step | undefined;
  readonly writer: AnswerWriter;
  readonly client: SubgraphFetcher;
  /** Gives the variables the names that the program knows them by. */
  readonly rename: FreedOperation['rename'];
}

/** A subscription as it runs, once for each event: what the event is about comes into the tree, the rest as in a query. */
export class CompiledSubscription implements ExecutableSubscription {
  readonly #source: ProgramSource;
  readonly #parts: CompiledSubscriptionParts;
  readonly #bodyFor: (execution: Execution) => string;

  constructor(source: ProgramSource, parts: CompiledSubscriptionParts) {
    this.#source = source;
    this.#parts = parts;
    this.#bodyFor = compileRootBody(source.fetch);
  }

  get carriesIdentity(): boolean {
    return this.#source.carriesIdentity;
  }

  get subgraph(): SubgraphAddress {
    return this.#source.fetch.subgraph;
  }

  async answerEvent(request: EventRequest): Promise<EventAnswer> {
    const { takeEvent } = this.#source;
    if (!takeEvent) return 'foreign';
    const { client } = this.#parts;
    const execution = this.#begin(request, request.identifies ? identifying(client) : client);
    const outcome = await takeEvent(request.subject, execution);
    if (outcome === 'gone' || outcome === 'foreign') return outcome;
    return { ...(await this.#finish(execution)), isUnreachable: outcome === 'unreachable' };
  }

  sourceBody(request: Pick<ExecutionRequest, 'variables' | 'coercedVariables'>): string {
    // A body is written from the variables alone, and nothing is fetched.
    const signal = AbortSignal.abort();
    return this.#bodyFor(
      this.#begin({ ...request, fetchContext: { requestId: '', identityProjection: '', signal } }),
    );
  }

  answerResult(result: SubgraphAnswer, request: ExecutionRequest): Promise<AnswerText> {
    const execution = this.#begin(request);
    takeRootAnswer(this.#source.fetch, result, { execution, targets: [execution.data] });
    return this.#finish(execution);
  }

  #begin(
    { variables, coercedVariables, fetchContext }: ExecutionRequest,
    client: SubgraphFetcher = this.#parts.client,
  ): Execution {
    const { rename } = this.#parts;
    return new Execution({
      client,
      fetchContext,
      variables: rename(variables),
      conditions: rename(coercedVariables),
    });
  }

  async #finish(execution: Execution): Promise<AnswerText> {
    const { run, writer } = this.#parts;
    await run?.(execution);
    const { data, conditions: variables, failures, unplaced } = execution;
    const { data: text, errors } = writer.write({ data, variables, failures });
    return { data: text, errors: unplaced.length > 0 ? [...errors, ...unplaced] : errors };
  }
}

const identifying = (client: SubgraphFetcher): SubgraphFetcher => ({
  fetch: (subgraph, request, context) =>
    client.fetch(subgraph, { ...request, carriesIdentity: true }, context),
});
