import type { LaterPart } from './answer/compile-answer.ts';
import type { DeferredAnswer } from './engine.ts';
import type { Execution } from './program/execution.ts';

/** A deferred part as it was written. */
interface Delivery extends DeferredAnswer {
  readonly deferred: readonly LaterPart[];
}

/**
 * Delivers deferred parts in the order in which they are ready, together what is ready together. A part may name more
 * of them.
 */
export async function* deliverLater(
  parts: readonly LaterPart[],
  execution: Execution,
): AsyncIterableIterator<readonly DeferredAnswer[]> {
  const waiting = new Map<LaterPart, Promise<void>>();
  let ready: Delivery[] = [];
  const failures: unknown[] = [];
  const wait = (part: LaterPart) => {
    waiting.set(part, finish(part));
  };
  const finish = async (part: LaterPart) => {
    try {
      const delivery = await deliver(part, execution);
      // Not before the wait: by now the list may be another one.
      ready.push(delivery);
      waiting.delete(part);
    } catch (error: unknown) {
      failures.push(error);
    }
  };
  parts.forEach(wait);
  while (waiting.size > 0 || ready.length > 0) {
    if (ready.length === 0) await Promise.race(waiting.values());
    if (failures.length > 0) throw failures[0];
    const delivered = ready;
    ready = [];
    for (const { deferred } of delivered) deferred.forEach(wait);
    yield delivered;
  }
}

async function deliver(part: LaterPart, execution: Execution): Promise<Delivery> {
  const fetched = (await execution.deferrals.part(part.id)) ?? execution;
  const { data, errors, later } = part.write(fetched === execution ? undefined : fetched.failures);
  const all = fetched === execution ? errors : [...errors, ...fetched.takeUnplaced()];
  return { part, data, errors: all, deferred: later };
}
