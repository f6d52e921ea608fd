import { setImmediate as nextTurn } from 'node:timers/promises';

import type { LaterPart } from './answer/compile-answer.ts';
import { refuseManyParts } from './answer/refuse-many-parts.ts';
import type { DeferredAnswer } from './engine.ts';
import type { Execution } from './program/execution.ts';

/** A deferred part as it was written. */
interface Delivery extends DeferredAnswer {
  readonly deferred: readonly LaterPart[];
}

/** A part that can be written, with the execution that fetched it. */
interface ReadyPart {
  readonly part: LaterPart;
  readonly fetched: Execution;
}

// A thousand in a row would leave no time for anybody else.
const atOnce = 100;

/**
 * Delivers deferred parts in the order in which they are ready, together what is ready together, but never so much that
 * others wait for it. A part may name more of them.
 *
 * @throws {OperationTooComplex} for more parts than anybody reads
 */
export async function* deliverLater(
  parts: readonly LaterPart[],
  execution: Execution,
): AsyncIterableIterator<readonly DeferredAnswer[]> {
  const waiting = new Set<Promise<void>>();
  let ready: ReadyPart[] = [];
  let count = 0;
  const failures: unknown[] = [];
  const finish = async (id: string, same: readonly LaterPart[]) => {
    try {
      const fetched = (await execution.deferrals.part(id)) ?? execution;
      for (const part of same) ready.push({ part, fetched });
    } catch (error: unknown) {
      failures.push(error);
    }
  };
  const wait = (more: readonly LaterPart[]) => {
    refuseManyParts((count += more.length));
    // Once for each fragment: of its objects, there may be thousands.
    for (const [id, same] of Map.groupBy(more, (part) => part.id)) {
      const finished = finish(id, same).finally(() => waiting.delete(finished));
      waiting.add(finished);
    }
  };
  wait(parts);
  while (waiting.size > 0 || ready.length > 0) {
    if (ready.length === 0) await Promise.race(waiting);
    if (failures.length > 0) throw failures[0];
    const now = ready.slice(0, atOnce);
    ready = ready.slice(atOnce);
    const delivered = now.map((each) => deliver(each, execution));
    wait(delivered.flatMap(({ deferred }) => deferred));
    if (delivered.length > 0) yield delivered;
    if (ready.length > 0) await nextTurn();
  }
}

function deliver({ part, fetched }: ReadyPart, execution: Execution): Delivery {
  const { data, errors, later } = part.write(fetched === execution ? undefined : fetched.failures);
  const all = fetched === execution ? errors : [...errors, ...fetched.takeUnplaced()];
  return { part, data, errors: all, deferred: later };
}
