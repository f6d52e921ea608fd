import type { IdentitySigner } from '../identity/create-identity-signer.ts';
import type { Documented, Executed, Exchange, Stage } from './stages.ts';

export interface ExecuteOptions {
  readonly signIdentity: IdentitySigner;
}

/** Runs the operation on its supergraph's engine, for as long as the client waits and the deadline allows. */
export const execute =
  ({ signIdentity }: ExecuteOptions): Stage<Documented, Executed> =>
  async (documented) => {
    const { exchange, generation, operation, params, principal } = documented;
    exchange.signal.throwIfAborted();
    const running = generation.engine.execute({
      operation,
      variables: params.variables,
      fetchContext: {
        requestId: exchange.requestId,
        traceparent: traceparentOf(exchange),
        identity: await signIdentity(principal),
        signal: exchange.signal,
      },
    });
    return { ...documented, result: await untilAborted(running, exchange.signal) };
  };

// https://www.w3.org/TR/trace-context/#traceparent-header; a wrong one is dropped, as the specification says.
const traceparent = /^[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

function traceparentOf({ request }: Exchange): string | undefined {
  const header = request.headers['traceparent'];
  return typeof header === 'string' && traceparent.test(header) ? header : undefined;
}

/** Stops waiting when the signal says so; what still runs ends by the same signal. */
function untilAborted<T>(running: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const onAbort = () => reject(signal.reason as Error);
  signal.addEventListener('abort', onAbort, { once: true });
  running.then(resolve, reject);
  return promise.finally(() => signal.removeEventListener('abort', onAbort));
}
