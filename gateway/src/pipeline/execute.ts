import type { IdentitySigner } from '../identity/create-identity-signer.ts';
import { identityProjectionOf } from '../identity/principal.ts';
import type { Documented, Executed, Stage } from './stages.ts';

export interface ExecuteOptions {
  readonly signIdentity: IdentitySigner;
}

/** Runs the operation on its supergraph's engine, for as long as the client waits and the deadline allows. */
export const execute =
  ({ signIdentity }: ExecuteOptions): Stage<Documented, Executed> =>
  async (documented) => {
    const { call, generation, operation, params, principal } = documented;
    call.signal.throwIfAborted();
    const running = generation.engine.execute({
      operation,
      variables: params.variables,
      fetchContext: {
        requestId: call.requestId,
        traceparent: call.traceparent,
        identityFor: (subgraph) => signIdentity(principal, subgraph),
        identityProjection: identityProjectionOf(principal),
        signal: call.signal,
        debug: call.debug,
      },
    });
    return { ...documented, result: await untilAborted(running, call.signal) };
  };

/** Stops waiting when the signal says so; what still runs ends by the same signal. */
function untilAborted<T>(running: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const onAbort = () => reject(signal.reason as Error);
  signal.addEventListener('abort', onAbort, { once: true });
  running.then(resolve, reject);
  return promise.finally(() => signal.removeEventListener('abort', onAbort));
}
