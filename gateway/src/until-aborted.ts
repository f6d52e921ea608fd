/** Waits no longer than the signal allows; what still runs ends by the same signal, or is worth finishing. */
export async function untilAborted<T>(running: Promise<T> | T, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  if (!(running instanceof Promise)) return running;
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const onAbort = () => reject(signal.reason as Error);
  signal.addEventListener('abort', onAbort, { once: true });
  running.then(resolve, reject);
  try {
    return await promise;
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
