import { formatPlan } from '@tributary/planning/planner';

import type { AnswerWriter } from './answer/compile-answer.ts';
import { deliverLater } from './deliver-later.ts';
import type {
  AnswerText,
  EngineAnswer,
  ExecutableOperation,
  ExecutionRequest,
  SubgraphFetcher,
} from './engine.ts';
import type { PlannedProgram } from './operation-compiler.ts';
import { Execution } from './program/execution.ts';

export interface CompiledOperationParts extends PlannedProgram {
  readonly writer: AnswerWriter;
  readonly subgraphClient: SubgraphFetcher;
  /** Whether the answer may come in parts. */
  readonly mayDefer: boolean;
}

/** An operation as it runs: a program that fills a tree, and a writer that makes text of the tree. */
export class CompiledOperation implements ExecutableOperation {
  readonly #parts: CompiledOperationParts;

  constructor(parts: CompiledOperationParts) {
    this.#parts = parts;
  }

  async execute({ variables, coercedVariables, fetchContext }: ExecutionRequest): Promise<EngineAnswer> {
    const { program, plan, writer, subgraphClient } = this.#parts;
    if (fetchContext.debug && plan) fetchContext.debug.plan = await formatPlan(plan);
    const execution = new Execution({
      client: subgraphClient,
      fetchContext,
      variables,
      conditions: coercedVariables,
    });
    await program.run?.(execution);
    const request = { data: execution.data, variables: coercedVariables, failures: execution.failures };
    if (!this.#parts.mayDefer) return this.#answer(writer.write(request), execution);
    const { later, ...first } = writer.writeFirst(request);
    const answer = this.#answer(first, execution);
    return later.length === 0 ? answer : { ...answer, later: deliverLater(later, execution) };
  }

  #answer({ data, errors }: AnswerText, { unplaced }: Execution): EngineAnswer {
    return { data, errors: unplaced.length > 0 ? [...errors, ...unplaced] : errors };
  }
}
