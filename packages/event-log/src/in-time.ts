/** Of what is asked of a server, since one that is frozen or cut off refuses nothing. */
const answerMs = 5000;

/**
 * The answer, or an error when it takes too long. What was asked may still be done: everything here may be repeated.
 *
 * @example await inTime('Redis', client.ping())
 */
export async function inTime<T>(server: string, answer: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => late.reject(new Error(`${server} did not answer within ${answerMs} ms`)),
    answerMs,
  );
  try {
    return await Promise.race([answer, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
