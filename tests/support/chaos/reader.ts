import { setTimeout as delay } from 'node:timers/promises';

import { resuming } from '@tributary/client/graphql-ws';
import { decodeCursor, partitionOf } from '@tributary/event-log';
import { createClient, type Client } from 'graphql-ws';
import { WebSocket } from 'ws';

/** What a subscription showed, and the place in the log that came with it. */
export interface Shown {
  readonly id: string;
  readonly n: number;
  readonly place: string;
}

export interface ReaderOptions {
  readonly name: string;
  /** Where it connects the next time. */
  readonly url: () => string;
  /** The thing that it follows. @default all of them */
  readonly thing?: string | undefined;
  /** Whether it selects more than comes with an event. */
  readonly selectsMore: boolean;
  /** How it keeps its place. @default as the package for clients does */
  readonly wrap?: (client: Client) => Client;
}

/** Somebody with a socket and one subscription, who comes back whatever happens. */
export class Reader {
  readonly name: string;
  readonly thing: string | undefined;
  readonly shown: Shown[] = [];
  /** What it was told that nobody should hear who has lost nothing. */
  readonly complaints: string[] = [];
  /** How often it was connected, and how often it had to subscribe anew after an error. */
  readonly counts = { connections: 0, renewals: 0 };
  readonly #client: Client;
  readonly #query: string;
  readonly #sockets = new Set<WebSocket>();
  #cursor: string | undefined;
  #isOver = false;

  constructor({ name, url, thing, selectsMore, wrap = resuming }: ReaderOptions) {
    this.name = name;
    this.thing = thing;
    const selection = selectsMore ? '{ id n isEven name }' : '{ id n }';
    const field = thing === undefined ? 'anyThingCounted' : `thingCounted(id: "${thing}")`;
    this.#query = `subscription { thing: ${field} ${selection} }`;
    const sockets = this.#sockets;
    class CountedSocket extends WebSocket {
      constructor(...args: ConstructorParameters<typeof WebSocket>) {
        super(...args);
        sockets.add(this);
        this.once('close', () => sockets.delete(this));
      }
    }
    this.#client = wrap(
      createClient({
        url,
        webSocketImpl: CountedSocket,
        retryAttempts: Number.MAX_SAFE_INTEGER,
        shouldRetry: () => true,
        retryWait: () => delay(5 + Math.random() * 20),
        on: { connected: () => (this.counts.connections += 1) },
      }),
    );
    this.#subscribe();
  }

  /** Cuts its connection, as a network does. */
  cut(): void {
    for (const socket of this.#sockets) socket.terminate();
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    // One that is trying to connect to a gateway that is gone says so: that is for the test to find, not for its end.
    await Promise.resolve(this.#client.dispose()).catch(() => {});
  }

  #subscribe(): void {
    const extensions = this.#cursor === undefined ? undefined : { resume: { after: this.#cursor } };
    this.#client.subscribe<{ thing: { id: string; n: number } }>(
      { query: this.#query, ...(extensions && { extensions }) },
      {
        next: (result) => this.#show(result),
        error: (error) => this.#onError(error),
        complete: () => this.#onError('completed'),
      },
    );
  }

  #show({ data, errors, extensions }: Result): void {
    const { cursor, dropped = 0 } = (extensions as { readonly event?: EventPlace } | undefined)?.event ?? {};
    if (dropped > 0) this.complaints.push(`${dropped} were left out`);
    if (!data || !cursor || errors) {
      this.complaints.push(`was answered ${JSON.stringify({ data, errors })}`);
      return;
    }
    this.#cursor = cursor;
    const { id, n } = data.thing;
    const partition = partitionOf('things', { __typename: 'Thing', id });
    this.shown.push({ id, n, place: `${partition}:${decodeCursor(cursor).get(partition)}` });
  }

  /** An error that may pass says that it may: then it goes on after the last event that it has. */
  #onError(error: unknown): void {
    if (this.#isOver) return;
    const [{ extensions }] = Array.isArray(error)
      ? (error as [{ extensions?: { retryable?: boolean } }])
      : [{}];
    if (extensions?.retryable !== true) {
      this.complaints.push(`ended with ${JSON.stringify(error)}`);
      return;
    }
    this.counts.renewals += 1;
    this.#subscribe();
  }
}

interface EventPlace {
  readonly cursor?: string;
  readonly dropped?: number;
}

interface Result {
  readonly data?: { readonly thing: { readonly id: string; readonly n: number } } | null | undefined;
  readonly errors?: unknown;
  readonly extensions?: unknown;
}
