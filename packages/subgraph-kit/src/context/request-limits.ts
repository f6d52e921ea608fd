import { CodedError, defineError } from '@tributary/errors';

/**
 * Why a request was ended before its answer. One of these stands for all of its fields, so it is counted and logged
 * once.
 */
export class RequestEnded extends CodedError {}

const clientGone = defineError(
  'BAD_REQUEST',
  () => 'Expected the client to wait for its answer, but it closed the connection',
);
const deadlinePassed = defineError(
  'REQUEST_TIMEOUT',
  (ms: number) => `The request was given up after ${ms} ms`,
);
const tooManyKeys = defineError(
  'OPERATION_TOO_COMPLEX',
  (max: number) => `Expected an operation that loads at most ${max} entities, but it asked for more`,
);

const ended = ({ code, message }: CodedError) => new RequestEnded(code, message);

/** Nobody reads the answer any more. */
export const clientIsGone = (): RequestEnded => ended(new clientGone());

/** The answer took longer than `requestTimeoutMs`. */
export const deadlineHasPassed = (ms: number): RequestEnded => ended(new deadlinePassed(ms));

/** The answer would not fit into memory. */
export const loadsTooMuch = (max: number): RequestEnded => ended(new tooManyKeys(max));

/**
 * What work gives, unless the signal is aborted before: then its reason is thrown, and the work is left to itself.
 *
 * @param signal of one request: it is listened to for as long as it lives
 * @throws the signal's reason
 */
export function untilAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const onAbort = () => reject(toReason(signal));
  if (signal.aborted) onAbort();
  else signal.addEventListener('abort', onAbort, { once: true });
  work.then(resolve, reject);
  return promise;
}

const toReason = ({ reason }: AbortSignal): Error => (reason instanceof Error ? reason : clientIsGone());
