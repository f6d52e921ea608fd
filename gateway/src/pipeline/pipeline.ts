import type { Executed, Exchange, Outcome, Stage, StageTimes, Written } from './stages.ts';
import { accept, type AcceptOptions } from './accept.ts';
import { authorize } from './authorize.ts';
import { document, type DocumentOptions } from './document.ts';
import { execute, type ExecuteOptions } from './execute.ts';
import { identify, type IdentifyOptions } from './identify.ts';
import { plan, type PlanOptions } from './plan.ts';
import { write, type WriteOptions } from './write.ts';

export interface PipelineOptions
  extends AcceptOptions, IdentifyOptions, DocumentOptions, PlanOptions, ExecuteOptions, WriteOptions {}

/** Takes a request from its arrival to its answer. */
export type Pipeline = (exchange: Exchange) => Promise<Outcome & Written & StageTimes>;

export const createPipeline = (options: PipelineOptions): Pipeline =>
  runInOrder(
    [
      accept(options), // size, CSRF, parameters: cheapest refusals first
      identify(options), // who asks, before anything is looked up for them
      document(options), // text → operation that is known to fit the schema; nothing is fetched for one that does not
      authorize(), // what of it is not for this caller: it is not planned, so nobody is asked for it
      plan(options), // operation → program; the first request for it waits, the others find it
      execute(options), // fetches, within the time that is left
    ],
    write(options), // the one place where anything becomes an answer, refusals included
  );

/** The types prove that each stage gets what the one before it gives; at run time it is a loop. */
function runInOrder<A, B, C, D, E>(
  stages: [Stage<Exchange, A>, Stage<A, B>, Stage<B, C>, Stage<C, D>, Stage<D, E>, Stage<E, Executed>],
  write: Stage<Outcome, Written>,
): Pipeline {
  const untyped = stages as unknown as readonly Stage<unknown, unknown>[];
  return async (exchange) => {
    const stagesMs: number[] = untyped.map(() => -1);
    let reached: Partial<Executed> = {};
    let error: unknown;
    let index = 0;
    let begunAt = performance.now();
    const lap = () => {
      const endedAt = performance.now();
      stagesMs[index] = endedAt - begunAt;
      begunAt = endedAt;
      index += 1;
    };
    try {
      let value: unknown = exchange;
      for (const stage of untyped) {
        const next = stage(value);
        // A stage that has nothing to wait for does not let others in between.
        value = next instanceof Promise ? await next : next;
        reached = value as Executed;
        lap();
      }
    } catch (thrown: unknown) {
      error = thrown;
      lap();
    }
    index = untyped.length;
    const { status, bytes, codes } = await write({ exchange, reached, error });
    lap();
    return { exchange, reached, error, status, bytes, codes, stagesMs };
  };
}
