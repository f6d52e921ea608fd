import { formatPlan } from '@tributary/planning/planner';

import type { AnswerWriter } from './answer/compile-answer.ts';
import { deliverLater } from './deliver-later.ts';
import type {
  AnswerText,
  EngineAnswer,
  ExecutableOperation,
  ExecutableSubscription,
  ExecutionRequest,
  SubgraphFetcher,
} from './engine.ts';
import { CompiledSubscription } from './compiled-subscription.ts';
import type { PlannedProgram } from './operation-compiler.ts';
import type { FreedOperation } from './free-variable-names.ts';
import { Execution } from './program/execution.ts';

export interface CompiledOperationParts extends PlannedProgram {
  readonly writer: AnswerWriter;
  readonly subgraphClient: SubgraphFetcher;
  /** Gives the variables the names that the program knows them by. */
  readonly rename: FreedOperation['rename'];
  /** Whether the answer may come in parts. */
  readonly mayDefer: boolean;
}

/** An operation as it runs: a program that fills a tree, and a writer that makes text of the tree. */
export class CompiledOperation implements ExecutableOperation {
  /** Roughly what it takes of memory. */
  readonly bytes: number;
  readonly #parts: CompiledOperationParts;

  readonly subscription: ExecutableSubscription | undefined;

  constructor(parts: CompiledOperationParts) {
    this.#parts = parts;
    this.bytes = parts.bytes;
    const { program, writer, subgraphClient: client, rename } = parts;
    this.subscription =
      program.source &&
      new CompiledSubscription(program.source, { run: program.run, writer, client, rename });
  }

  async execute(request: ExecutionRequest): Promise<EngineAnswer> {
    const { fetchContext } = request;
    const { program, plan, writer, subgraphClient, rename, mayDefer } = this.#parts;
    const variables = rename(request.variables);
    const coerced = rename(request.coercedVariables);
    if (fetchContext.debug && plan) fetchContext.debug.plan = await formatPlan(plan);
    const execution = new Execution({
      client: subgraphClient,
      fetchContext,
      variables,
      conditions: coerced,
    });
    await program.run?.(execution);
    const written = { data: execution.data, variables: coerced, failures: execution.failures };
    if (!mayDefer) return this.#answer(writer.write(written), execution);
    const { later, ...first } = writer.writeFirst(written);
    const answer = this.#answer(first, execution);
    return later.length === 0
      ? answer
      : { ...answer, deferred: later, later: deliverLater(later, execution) };
  }

  #answer({ data, errors }: AnswerText, { unplaced }: Execution): EngineAnswer {
    return { data, errors: unplaced.length > 0 ? [...errors, ...unplaced] : errors };
  }
}
