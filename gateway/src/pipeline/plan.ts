import type { Documented, Planned, Stage } from './stages.ts';
import { untilAborted } from './until-aborted.ts';

/**
 * Makes the operation ready to run on its supergraph's engine; most are ready from an earlier request.
 *
 * @throws {OperationTooComplex} for one that cannot be planned within the limits
 */
export const plan = (): Stage<Documented, Planned> => async (documented) => {
  const { call, generation, operation } = documented;
  const executable = await untilAborted(generation.engine.plan({ operation }), call.signal);
  return { ...documented, executable };
};
