import { parseEventFilter } from '@tributary/directives';
import {
  CursorTooOld,
  decodeCursor,
  type Event,
  type EventLog,
  type LoggedEvent,
} from '@tributary/event-log';
import { createLogger } from '@tributary/telemetry';
import { afterEach, describe, expect, it } from 'vitest';

import { EventFeed, type EventFeedOptions, type FedEvent } from './event-feed.ts';

/** A log whose tail says what a test wants, when it wants. */
class ScriptedLog implements Pick<EventLog, 'tail' | 'read'> {
  tails = 0;
  #queue: (readonly LoggedEvent[] | Error)[] = [];
  #wake = () => {};

  say(...entries: readonly (readonly [string, number, string, Event['data']?])[]): void {
    this.#push(
      entries.map(([partition, seq, channel, data]) => ({
        position: { partition, seq },
        event: {
          id: `${partition}:${seq}`,
          channel,
          type: 'T',
          occurredAt: '2026-01-01T00:00:00Z',
          source: 's',
          entity: { __typename: 'T', id: '1' },
          ...(data && { data }),
        },
      })),
    );
  }

  fail(): void {
    this.#push(new CursorTooOld('posts.0', 1, 9));
  }

  tail({ signal }: { readonly signal: AbortSignal }) {
    this.tails += 1;
    signal.addEventListener('abort', () => this.#wake());
    return { ready: Promise.resolve(new Map([['posts.0', 5]])), events: this.#events(signal) };
  }

  async *read() {}

  async *#events(signal: AbortSignal) {
    while (!signal.aborted) {
      const next = this.#queue.shift();
      if (next instanceof Error) throw next;
      if (next) yield next;
      else await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  #push(next: readonly LoggedEvent[] | Error): void {
    this.#queue.push(next);
    this.#wake();
  }
}

const scope = { args: { wanted: 'a' }, principal: { roles: [], scopes: [] } };
const signal = new AbortController().signal;
const feeds: EventFeed[] = [];
afterEach(async () => {
  for (const feed of feeds.splice(0)) await feed.stop();
});

async function start(options: Partial<EventFeedOptions> = {}) {
  const log = new ScriptedLog();
  const logger = createLogger({ name: 'test', level: 'silent' });
  const feed = new EventFeed({ log, logger, retryMs: 1, ...options });
  feeds.push(feed);
  await feed.ready(signal);
  const follow = (...patterns: readonly (string | readonly [string, string])[]) => {
    const got: FedEvent[] = [];
    let losses = 0;
    const unfollow = feed.follow(
      patterns.map((each) =>
        typeof each === 'string'
          ? { pattern: each, filter: undefined }
          : { pattern: each[0], filter: parseEventFilter(each[1]) },
      ),
      { scope, onEvent: (fed) => void got.push(fed), onLoss: () => (losses += 1) },
    );
    return { got, unfollow, losses: () => losses, ids: () => got.map(({ event }) => event.id) };
  };
  return { log, feed, follow };
}

describe('the feed', () => {
  it('gives each follower the events of its channels, and each event once', async () => {
    const { log, feed, follow } = await start();
    const one = follow('a.*', 'a.b');
    const other = follow('**');
    log.say(['posts.0', 6, 'a.b'], ['posts.0', 7, 'c'], ['posts.1', 1, 'a.c']);
    await expect.poll(() => other.got.length).toBe(3);
    expect(one.ids()).toEqual(['posts.0:6', 'posts.1:1']);
    expect(feed.patterns).toBe(3);
    one.unfollow();
    other.unfollow();
    expect([feed.patterns, feed.followers]).toEqual([0, 0]);
  });

  it('asks the filter of the pattern by which an event came', async () => {
    const { log, follow } = await start();
    const all = follow('**');
    const some = follow(['a', 'event.data.kind == args.wanted'], ['*', 'event.data.kind == "b"']);
    for (const [index, kind] of ['a', 'b', 'c'].entries()) log.say(['posts.0', 6 + index, 'a', { kind }]);
    await expect.poll(() => all.got.length).toBe(3);
    expect(some.ids()).toEqual(['posts.0:6', 'posts.0:7']);
  });

  it('counts all events, and says with each where the log goes on', async () => {
    const { log, feed, follow } = await start();
    const { got } = follow('a');
    log.say(['posts.0', 6, 'x'], ['posts.1', 1, 'a'], ['posts.0', 7, 'a']);
    await expect.poll(() => got.length).toBe(2);
    expect(got.map(({ index, place }) => [index, place])).toEqual([
      [2, 'posts.1:1'],
      [3, 'posts.0:7'],
    ]);
    expect(got.map(({ cursor }) => [...decodeCursor(cursor ?? '')])).toEqual([
      [
        ['posts.0', 6],
        ['posts.1', 1],
      ],
      [
        ['posts.0', 7],
        ['posts.1', 1],
      ],
    ]);
    expect([feed.index, feed.tick(), feed.index]).toEqual([3, 4, 4]);
    expect([...feed.position()]).toEqual([
      ['posts.0', 7],
      ['posts.1', 1],
    ]);
  });

  it('tells everybody when events were lost, and goes on from there', async () => {
    const { log, feed, follow } = await start();
    const { got, losses } = follow('a');
    log.fail();
    await expect.poll(losses).toBe(1);
    await feed.ready(signal);
    expect(log.tails).toBe(2);
    log.say(['posts.0', 6, 'a']);
    await expect.poll(() => got.length).toBe(1);
  });

  it('lets nobody wait longer than he wants', async () => {
    const log = {
      tail: () => ({ ready: new Promise<never>(() => {}), events: (async function* () {})() }),
      read: async function* () {},
    };
    const feed = new EventFeed({ log, logger: createLogger({ name: 'test', level: 'silent' }) });
    await expect(feed.ready(AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough');
  });

  it('forgets at once who waits no more for a log that is away', async () => {
    const log = {
      tail: () => ({ ready: new Promise<never>(() => {}), events: (async function* () {})() }),
      read: async function* () {},
    };
    const feed = new EventFeed({ log, logger: createLogger({ name: 'test', level: 'silent' }) });
    const leaving = new AbortController();
    const left = [1, 2, 3].map(() => feed.ready(leaving.signal));
    expect(feed.waiting).toBe(3);
    leaving.abort(new Error('left'));
    for (const each of left) await expect(each).rejects.toThrow('left');
    expect(feed.waiting).toBe(0);
  });

  it('lets so many wait for it to get on, and beyond that one of each connection', async () => {
    const { log, feed } = await start({ maxWaiting: 2 });
    const [greedy, modest] = [{}, {}];
    const next = new Map([['posts.0', 6]]);
    const letIn = [greedy, greedy, modest].map((who) => feed.reached(next, { who, signal }));
    await expect(feed.reached(next, { who: greedy, signal })).rejects.toMatchObject({
      message: expect.stringContaining('at most 2 subscriptions'),
      extensions: { code: 'RATE_LIMITED', retryAfter: 5 },
    });
    log.say(['posts.0', 6, 'a']);
    await Promise.all(letIn);
    expect(feed.waiting).toBe(0);
    const again = feed.reached(new Map([['posts.0', 7]]), { who: greedy, signal });
    log.say(['posts.0', 7, 'a']);
    await again;
  });

  it('forgets at once who waits no more for what never comes', async () => {
    const { log, feed } = await start();
    const leaving = new AbortController();
    const made = feed.reached(new Map([['nowhere.0', 1]]), { who: {}, signal: leaving.signal });
    const real = feed.reached(new Map([['posts.0', 6]]), { who: {}, signal });
    expect(feed.waiting).toBe(2);
    leaving.abort(new Error('left'));
    await expect(made).rejects.toThrow('left');
    expect(feed.waiting).toBe(1);
    log.say(['posts.0', 6, 'a']);
    await real;
    expect(feed.waiting).toBe(0);
  });
});
