import { fileURLToPath } from 'node:url';

import { ask } from '../support/ask.ts';
import type { RunScope } from '../support/run-scope.ts';
import { startProcess, type StartedProcess } from '../support/start-process.ts';
import { topicOf } from './comment-event.ts';
import type { PeerName } from './row.ts';

export interface SourceOptions {
  /** The log that our gateway follows. */
  readonly eventsUrl: string;
  /** What the others follow. */
  readonly redisUrl: string | undefined;
}

/** What the process can be asked for; `posts` are numbered from 1. */
export type SourceQuestion =
  | { readonly type: 'burst'; readonly peer: PeerName; readonly posts: number; readonly count: number }
  | {
      readonly type: 'stream';
      readonly peer: PeerName;
      readonly posts: number;
      readonly eventsPerSecond: number;
      readonly seconds: number;
    }
  | { readonly type: 'read'; readonly peer: PeerName };

export interface SourceAnswer {
  readonly type: 'done';
  /** The number of the last event, by topic. */
  readonly last: Readonly<Record<string, number>>;
  /** How often each subgraph was asked for entities. */
  readonly fetches: Readonly<Record<string, number>>;
}

/** The process behind the gateways: subgraphs, and who makes the events. */
export interface Source {
  readonly urls: Readonly<Record<string, string>>;
  ask(question: SourceQuestion): Promise<SourceAnswer>;
  /** The number of the last event of each post, from the first post on. */
  lastOf(answer: SourceAnswer, peer: PeerName, posts: number): readonly number[];
}

export async function startSource(
  scope: RunScope,
  core: number | undefined,
  options: SourceOptions,
): Promise<Source> {
  const started: StartedProcess = startProcess(scope, {
    name: 'source',
    core,
    args: [fileURLToPath(new URL('servers/source.ts', import.meta.url)), JSON.stringify(options)],
    env: { NODE_ENV: 'production' },
  });
  const { urls } = await Promise.race([
    started.message<{ readonly urls: Readonly<Record<string, string>> }>(),
    started.ended,
  ]);
  return {
    urls,
    ask: (question) => ask<SourceAnswer>(started, question),
    lastOf: ({ last }, peer, posts) =>
      Array.from({ length: posts }, (_, index) => last[topicOf(peer, String(index + 1))] ?? 0),
  };
}
