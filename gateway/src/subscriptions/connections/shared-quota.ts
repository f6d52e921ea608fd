import { toError } from '@tributary/errors';
import type { Logger } from '@tributary/telemetry';

import { createLocalQuota, type Quota, type Release } from './quota.ts';

/** Counts that several gateways share. */
export interface SharedCounts {
  /** @returns false when all gateways together hold as many as the limit allows */
  take(holder: string, limit: number): Promise<boolean>;
  give(holder: string): Promise<void>;
  stop(): Promise<void>;
}

export interface SharedQuotaOptions {
  readonly counts: SharedCounts;
  readonly logger: Logger;
  /** How long a client waits for the others to be counted. @default 500 */
  readonly timeoutMs?: number;
}

/**
 * Limits that hold for all gateways together, and for each alone while the store of the counts cannot be asked: a limit is
 * there to protect the service, and a service that lets nobody in is not protected.
 */
export function createSharedQuota({ counts, logger, timeoutMs = 500 }: SharedQuotaOptions): Quota {
  const local = createLocalQuota();
  const warn = (error: unknown) =>
    logger.warn({ err: toError(error) }, 'connections are counted by this gateway alone');

  return {
    take: async (claim) => {
      const release = local.take(claim) as Release | undefined;
      if (!release) return undefined;
      const taking = counts.take(claim.holder, claim.limit);
      // Whatever comes of it, and however late, is given back.
      const taken = taking.catch((error: unknown) => {
        warn(error);
        return undefined;
      });
      const answer = await Promise.race([taken, after(timeoutMs)]);
      if (answer === false) {
        release();
        return undefined;
      }
      let isHeld = true;
      return () => {
        if (!isHeld) return;
        isHeld = false;
        release();
        void taken.then((isTaken) => (isTaken ? counts.give(claim.holder).catch(warn) : undefined));
      };
    },
  };
}

function after(ms: number): Promise<undefined> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  setTimeout(() => resolve(undefined), ms).unref();
  return promise;
}
