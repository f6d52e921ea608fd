import { randomUUID } from 'node:crypto';

import { Forbidden } from '../errors/gateway-errors.ts';
import type { IdentifyOptions } from '../pipeline/identify.ts';
import type { PlanOptions } from '../pipeline/plan.ts';
import type { RequestObserver } from '../observers/access-log.ts';
import type { RunningSupergraph } from '../supergraph/start-supergraph.ts';
import type { LiveOperation } from './live-operation.ts';
import type { RunOperation } from './operation-request.ts';
import { createPrepareOperation, quietCall, type PrepareOperation } from './prepare-operation.ts';
import { prepareSubscription } from './prepared-subscription.ts';
import { createRunOperation } from './run-operation.ts';
import type { Prepare } from './groups/groups.ts';
import { Subscriptions, type SubscriptionsOptions, type SubscriptionStats } from './subscriptions.ts';

export interface StartSubscriptionsOptions
  extends Omit<SubscriptionsOptions, 'prepare'>, IdentifyOptions, PlanOptions {
  readonly supergraph: Pick<RunningSupergraph, 'current' | 'onChange'>;
  readonly observers: readonly RequestObserver[];
  readonly requestTimeoutMs: number;
}

/** Subscriptions as transports see them. */
export interface RunningSubscriptions {
  readonly runOperation: RunOperation;
  stats(): SubscriptionStats;
  operations(): readonly LiveOperation[];
  /** Resolves when all groups go on with the supergraph that is in service. */
  settled(): Promise<void>;
  /** Ends what transports have left open. */
  stop(): Promise<void>;
}

/** Follows the event log, and goes on with every supergraph that is taken up. */
export function startSubscriptions(options: StartSubscriptionsOptions): RunningSubscriptions {
  const { supergraph, requestTimeoutMs } = options;
  const prepareOperation = createPrepareOperation(options);
  const subscriptions = new Subscriptions({
    ...options,
    prepare: createPrepare(prepareOperation, requestTimeoutMs),
  });
  let settled = Promise.resolve();
  const unwatch = supergraph.onChange(() => {
    settled = subscriptions.recompile();
  });
  return {
    runOperation: createRunOperation({ ...options, prepareOperation, subscriptions }),
    stats: () => subscriptions.stats(),
    operations: () => subscriptions.operations(),
    settled: () => settled,
    stop: async () => {
      unwatch();
      await subscriptions.stop();
    },
  };
}

const createPrepare =
  (prepareOperation: PrepareOperation, timeoutMs: number): Prepare =>
  async ({ params, forwardedHeaders }, principal) => {
    const call = quietCall(randomUUID(), AbortSignal.timeout(timeoutMs));
    const identified = { call, params, forwardedHeaders, principal };
    try {
      const planned = await prepareOperation({
        ...identified,
        authorization: undefined,
        isReadOnly: true,
        streams: true,
      });
      const { subscription } = planned.executable;
      if (subscription) return prepareSubscription(planned, subscription);
      throw new Forbidden('The caller may no longer see what this subscription is about');
    } finally {
      await call.cleanup.run();
    }
  };
