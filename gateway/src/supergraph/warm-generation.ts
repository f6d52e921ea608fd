import { toError } from '@tributary/errors';
import type { Logger } from '@tributary/telemetry';

import { untilAborted } from '../until-aborted.ts';
import type { Generation } from './generation.ts';

export interface WarmUpOptions {
  /** How many operations are made ready; 0 for none. */
  readonly operations: number;
  /** The new supergraph does not wait for longer. */
  readonly timeoutMs: number;
  readonly logger: Logger;
}

/**
 * Makes the hottest operations of one generation ready on the next, before it takes over: otherwise all of them would
 * have to be planned at once by the first requests that meet it.
 *
 * @returns how many were made ready
 */
export async function warmGeneration(
  next: Generation,
  current: Generation,
  { operations, timeoutMs, logger }: WarmUpOptions,
): Promise<number> {
  const deadline = AbortSignal.timeout(timeoutMs);
  let ready = 0;
  for (const text of current.hottest(operations)) {
    if (deadline.aborted) break;
    try {
      await untilAborted(next.warm(text), deadline);
      ready += 1;
    } catch (error: unknown) {
      // It will be planned, or refused, when somebody asks for it.
      if (!deadline.aborted) logger.debug({ err: toError(error) }, 'an operation could not be made ready');
    }
  }
  return ready;
}
