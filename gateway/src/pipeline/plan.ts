import type { Authorized, Planned, Stage } from './stages.ts';
import { untilAborted } from './until-aborted.ts';

/**
 * Makes the operation ready to run on its supergraph's engine; most are ready from an earlier request.
 *
 * @throws {OperationTooComplex} for one that cannot be planned within the limits
 */
export const plan = (): Stage<Authorized, Planned> => async (authorized) => {
  const { call, generation, operation, refusals } = authorized;
  const executable = await untilAborted(generation.engine.plan({ operation, refusals }), call.signal);
  return { ...authorized, executable };
};
