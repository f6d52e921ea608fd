import type { KeyedRefusals } from '../authorization/create-authorizer.ts';
import type { Authorized, Documented, Stage } from './stages.ts';

/**
 * Finds out what of the operation is not for this caller. It refuses nothing itself: what may not be seen is left out
 * of the plan, and the answer has null and an error in its place.
 */
export const authorize = (): Stage<Documented, Authorized> => (documented) => {
  const { generation, operation, principal } = documented;
  const { authorizer } = generation;
  const authorized = (refusals: KeyedRefusals | undefined): Authorized => ({ ...documented, refusals });
  const refusals = authorizer.refusalsFor(authorizer.needsOf(operation.document), principal);
  return refusals instanceof Promise ? refusals.then(authorized) : authorized(refusals);
};
