/** Of what is asked of a server, since one that is frozen or cut off refuses nothing. */
const answerMs = 5000;

/** An answer that did not come in its time. */
export class NotInTime extends Error {
  constructor(server: string, ms: number) {
    super(`${server} did not answer within ${ms} ms`);
  }
}

/**
 * The answer, or an error when it takes too long. What was asked may still be done: everything here may be repeated.
 *
 * @param ms how long it may take. @default 5000
 * @throws {NotInTime}
 * @example await inTime('Redis', client.ping())
 */
export async function inTime<T>(server: string, answer: Promise<T>, ms = answerMs): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new NotInTime(server, ms)), ms);
  try {
    return await Promise.race([answer, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
