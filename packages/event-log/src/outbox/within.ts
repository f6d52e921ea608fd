/** Something did not settle in its time. */
export class NotSettled extends Error {
  constructor(ms: number) {
    super(`The database did not answer within ${ms} ms`);
  }
}

/**
 * Waits so long at most. A statement of postgres.js whose connection is cut at the wrong moment is never settled, and
 * whoever awaits it would stand still for ever.
 *
 * @throws {NotSettled}
 */
export async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new NotSettled(ms)), ms);
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
}
