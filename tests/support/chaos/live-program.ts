import type { SubscriptionStats } from '../../../gateway/src/subscriptions/subscriptions.ts';
import { startProgram } from './start-program.ts';

/** What is there at a moment. */
export interface LiveCounts extends SubscriptionStats {
  readonly connections: number;
  /** Sockets to subgraphs that publish by themselves. */
  readonly upstreams: number;
}

export interface LiveMeasures extends LiveCounts {
  readonly timers: number;
  readonly sockets: number;
  readonly heapBytes: number;
  readonly bufferBytes: number;
  readonly rssBytes: number;
}

export interface PublishCommand {
  readonly do: 'publish';
  readonly id: string;
  readonly count: number;
  readonly text?: string;
}

export type LiveCommand = PublishCommand | { readonly do: 'measure' } | { readonly do: 'count' };

/** A process that serves subscriptions, and whoever asks about it. */
export interface LiveProgram {
  readonly url: string;
  measure(): Promise<LiveMeasures>;
  count(): Promise<LiveCounts>;
  /** Publishes events about a thing one after the other; each says when. */
  publish(event: Omit<PublishCommand, 'do'>): Promise<void>;
  stop(): Promise<void>;
}

export async function startLiveProgram(env: Readonly<Record<string, string>>): Promise<LiveProgram> {
  const program = startProgram('live-process.ts', env);
  const { url } = (await program.said) as { readonly url: string };
  const ask = (command: LiveCommand) => program.ask(command);
  return {
    url,
    measure: () => ask({ do: 'measure' }) as Promise<LiveMeasures>,
    count: () => ask({ do: 'count' }) as Promise<LiveCounts>,
    publish: async (event) => void (await ask({ do: 'publish', ...event })),
    stop: () => program.end('SIGKILL'),
  };
}
