import { tooMany } from '../../errors/gateway-errors.ts';

// Each costs about as much as a small answer, and lists within lists multiply the fragments of an operation.
const maxParts = 10_000;

/**
 * Refuses an answer in more parts than anybody reads: a few words of a client may stand for millions.
 *
 * @throws {OperationTooComplex}
 */
export function refuseManyParts(count: number): void {
  if (count > maxParts) throw tooMany('deferred parts', maxParts);
}
