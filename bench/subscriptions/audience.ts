import { fileURLToPath } from 'node:url';

import { ask } from '../support/ask.ts';
import type { RunScope } from '../support/run-scope.ts';
import { startProcess } from '../support/start-process.ts';

/** Who subscribes to what. */
export interface AudienceOptions {
  readonly url: string;
  readonly connections: number;
  readonly perConnection: number;
  /** Each subscription follows the comments on one post, spread evenly. */
  readonly posts: number;
  readonly query: string;
}

export type AudienceQuestion =
  /** Opens connections until there are so many. */
  | { readonly type: 'open'; readonly connections: number }
  /** Begins to count anew; what comes next of each post is what comes after these. */
  | { readonly type: 'count'; readonly after: readonly number[] }
  /** Waits until so many deliveries have come, or none have for a while, or it has taken too long. */
  | {
      readonly type: 'await';
      readonly deliveries: number;
      readonly patienceMs: number;
      readonly limitMs: number;
    }
  | { readonly type: 'close' };

export interface AudienceFigures {
  readonly type: 'figures';
  /** Each event once for each subscription that it is for. */
  readonly delivered: number;
  /** Again, or for somebody else. */
  readonly unexpected: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** The last message that was read. */
  readonly sample: string;
}

/** Clients of one gateway, in a process of their own. */
export interface Audience {
  ask(question: AudienceQuestion): Promise<AudienceFigures>;
  stop(): Promise<void>;
}

export function startAudience(scope: RunScope, core: number | undefined, options: AudienceOptions): Audience {
  const started = startProcess(scope, {
    name: 'audience',
    core,
    args: [fileURLToPath(new URL('servers/audience.ts', import.meta.url)), JSON.stringify(options)],
  });
  return { ask: (question) => ask<AudienceFigures>(started, question), stop: () => started.stop() };
}
