import { identityProjection } from '../authorization/identity-projection.ts';
import type { IdentitySigner } from '../identity/create-identity-signer.ts';
import type { Executed, Planned, Stage } from './stages.ts';

export interface ExecuteOptions {
  readonly signIdentity: IdentitySigner;
}

/** Runs the operation, for as long as the client waits and the deadline allows. */
export const execute =
  ({ signIdentity }: ExecuteOptions): Stage<Planned, Executed> =>
  async (planned) => {
    const { call, executable, params, coercedVariables, principal } = planned;
    call.signal.throwIfAborted();
    const answer = await executable.execute({
      variables: params.variables,
      coercedVariables,
      fetchContext: {
        requestId: call.requestId,
        traceparent: call.traceparent,
        identityFor: (subgraph) => signIdentity(principal, subgraph),
        identityProjection: identityProjection(principal),
        headers: planned.forwardedHeaders,
        signal: call.signal,
        debug: call.debug,
      },
    });
    return { ...planned, answer };
  };
