import { isDeepStrictEqual } from 'node:util';

import { waitUntilItListens } from '../gateway/running-peer.ts';
import { ask } from '../support/ask.ts';
import type { Cores } from '../support/cores.ts';
import { freePort } from '../support/free-port.ts';
import type { RunScope } from '../support/run-scope.ts';
import { startProcess, type StartedProcess } from '../support/start-process.ts';
import { startAudience, type Audience, type AudienceFigures } from './audience.ts';
import { authorOf } from './comment-event.ts';
import { expectedComment, operations } from './graph.ts';
import { peers, type Peer, type PeerSetup } from './peers.ts';
import type { PeerName, Selection } from './row.ts';
import type { Source, SourceAnswer } from './source.ts';

/** What all measurements of a run have in common. */
export interface Bench {
  readonly scope: RunScope;
  readonly cores: Cores;
  readonly source: Source;
  readonly setup: Omit<PeerSetup, 'port'>;
}

/** Who subscribes in a tier. */
export interface StageOptions {
  readonly peer: PeerName;
  readonly selection: Selection;
  readonly connections: number;
  readonly perConnection: number;
  readonly posts: number;
}

const collectGarbage = new URL('../support/collect-garbage.js', import.meta.url).href;
// A gateway that answers for each subscriber takes seconds for one event; one that says nothing for that long has lost it.
const patienceMs = 10_000;
// A probe that comes while the last one is still being worked on makes it worse.
const probePatienceMs = { first: 2000, longest: 30_000 };
const limitMs = 60_000;
const graceMs = 15_000;
const maxProbes = 8;

/** A server with its subscribers. */
export class Stage {
  readonly options: StageOptions;
  readonly #bench: Bench;
  readonly #server: StartedProcess;
  readonly #audience: Audience;

  private constructor(bench: Bench, options: StageOptions, server: StartedProcess, url: string) {
    this.#bench = bench;
    this.options = options;
    this.#server = server;
    const { connections, perConnection, posts, selection } = options;
    this.#audience = startAudience(bench.scope, bench.cores.around, {
      url,
      connections,
      perConnection,
      posts,
      query: operations[selection],
    });
  }

  /** @throws {Error} with the end of its log, when it does not start */
  static async start(bench: Bench, options: StageOptions): Promise<Stage> {
    const { scope, cores, setup } = bench;
    const port = await freePort();
    const peer: Peer = peers[options.peer];
    const { args, env } = peer.command({ ...setup, port });
    const server = startProcess(scope, {
      name: peer.name,
      core: cores.measured,
      args: ['--expose-gc', '--import', collectGarbage, ...args],
      env,
    });
    const url = `http://127.0.0.1:${port}/graphql`;
    try {
      await Promise.race([server.ended, waitUntilItListens(url, scope.signal)]);
    } catch (error: unknown) {
      throw new Error(`${peer.name} did not start; its log ends with:\n${server.logTail()}`, {
        cause: error,
      });
    }
    return new Stage(bench, options, server, url);
  }

  get subscribers(): number {
    return this.options.connections * this.options.perConnection;
  }

  usage(): ReturnType<StartedProcess['usage']> {
    return this.#server.usage();
  }

  /** What is in use after garbage was collected. */
  async rssMbInUse(): Promise<number> {
    await ask(this.#server, { type: 'collect' });
    return this.usage().rssMb;
  }

  open(connections: number): Promise<AudienceFigures> {
    return this.#ask({ type: 'open', connections });
  }

  /** Publishes to everybody until everybody hears it: only then all subscriptions are there. */
  async untilEverybodyHears(): Promise<void> {
    const { first, longest } = probePatienceMs;
    for (let probe = 0; probe < maxProbes; probe += 1) {
      const { delivered, sample } = await this.burst(1, Math.min(longest, first * 2 ** probe));
      if (delivered < this.subscribers) continue;
      this.#verify(sample);
      return;
    }
    throw this.#failed('did not deliver to all subscribers');
  }

  /** Publishes so many events to each post at once, and waits until they are delivered. */
  async burst(count: number, patience = patienceMs): Promise<AudienceFigures> {
    const { peer, posts } = this.options;
    await this.#countAnew();
    await this.#bench.source.ask({ type: 'burst', peer, posts, count });
    return this.awaitMore(this.subscribers * count, patience);
  }

  awaitMore(deliveries: number, patience = patienceMs): Promise<AudienceFigures> {
    return this.#ask({ type: 'await', deliveries, patienceMs: patience, limitMs });
  }

  /** Publishes at a steady pace. Gives what was delivered, and what should have been. */
  async stream(
    eventsPerSecond: number,
    seconds: number,
  ): Promise<{ readonly figures: AudienceFigures; readonly expected: number }> {
    const { peer, posts } = this.options;
    const before = await this.#countAnew();
    const answer = await this.#bench.source.ask({ type: 'stream', peer, posts, eventsPerSecond, seconds });
    const after = this.#bench.source.lastOf(answer, peer, posts);
    const expected = after.reduce(
      (sum, last, index) => sum + (last - (before[index] ?? 0)) * this.#subscribersOf(index),
      0,
    );
    const figures = await this.#ask({
      type: 'await',
      deliveries: expected,
      patienceMs: graceMs / 3,
      limitMs: graceMs,
    });
    return { figures, expected };
  }

  async startCounting(): Promise<void> {
    await this.#countAnew();
  }

  async publish(count: number): Promise<void> {
    const { peer, posts } = this.options;
    await this.#bench.source.ask({ type: 'burst', peer, posts, count });
  }

  /** How often subgraphs have been asked for entities so far. */
  async fetches(): Promise<SourceAnswer['fetches']> {
    const { fetches } = await this.#bench.source.ask({ type: 'read', peer: this.options.peer });
    return fetches;
  }

  async stop(): Promise<void> {
    await this.#ask({ type: 'close' }).catch(() => undefined);
    await Promise.all([this.#audience.stop(), this.#server.stop()]);
  }

  async #countAnew(): Promise<readonly number[]> {
    const { peer, posts } = this.options;
    const { source } = this.#bench;
    const after = source.lastOf(await source.ask({ type: 'read', peer }), peer, posts);
    await this.#ask({ type: 'count', after });
    return after;
  }

  /** Subscriptions take posts in turn. */
  #subscribersOf(post: number): number {
    const { posts } = this.options;
    return Math.floor(this.subscribers / posts) + (post < this.subscribers % posts ? 1 : 0);
  }

  async #ask(question: Parameters<Audience['ask']>[0]): Promise<AudienceFigures> {
    try {
      return await Promise.race([this.#audience.ask(question), this.#server.ended]);
    } catch (error: unknown) {
      throw this.#failed('failed its subscribers', error);
    }
  }

  /** A benchmark of wrong answers is worth nothing. */
  #verify(sample: string): void {
    const { selection } = this.options;
    const { payload } = JSON.parse(sample) as { readonly payload: Payload };
    const { id, body } = payload.data.commentAdded;
    const [postId = '', seq] = id.split('-');
    const expected = expectedComment(selection, { id, body, postId, author: authorOf(Number(seq)) });
    if (payload.errors === undefined && isDeepStrictEqual(payload.data.commentAdded, expected)) return;
    throw this.#failed(`answered ${sample} instead of ${JSON.stringify(expected)}`);
  }

  #failed(what: string, cause?: unknown): Error {
    const { peer } = this.options;
    return new Error(`${peer} ${what}; its log ends with:\n${this.#server.logTail()}`, { cause });
  }
}

interface Payload {
  readonly data: { readonly commentAdded: { readonly id: string; readonly body: string } };
  readonly errors?: unknown;
}
