import { validateHeaderValue } from 'node:http';

import { createClient, type Client, type Sink, type SubscribePayload } from 'graphql-ws';
import { WebSocket as Socket } from 'ws';

import { identityProjection } from '../authorization/identity-projection.ts';
import { SubgraphUnavailable } from '../errors/gateway-errors.ts';
import { relayError } from '../errors/relay-error.ts';
import type { IdentitySigner } from '../identity/create-identity-signer.ts';
import { RequestErrors } from '../operations/coerce-variables.ts';
import type { SubgraphAddress, SubgraphAnswer } from '../subgraph-client/subgraph-client.ts';
import type { Upstream } from './groups/group-host.ts';
import type { Group } from './groups/group.ts';
import type { PreparedSubscription } from './prepared-subscription.ts';

export interface UpstreamsOptions {
  readonly signIdentity: IdentitySigner;
  /** How often a broken connection is made anew before its subscriptions end. @default 5 */
  readonly retries?: number;
}

/** A connection that several subscriptions use. */
interface Connection {
  readonly client: Client;
  readonly users: Set<User>;
}

/** A subscription that uses a connection. */
interface User {
  readonly group: Pick<Group, 'representative'>;
  /** Ends it. */
  fail(error: unknown): void;
}

/** Whom a connection is for: whatever can change what comes by it tells it from others. */
interface Destination {
  readonly subgraph: SubgraphAddress;
  /** The identity projection of who asks; `undefined` for a connection that says nothing of it. */
  readonly identity: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Subscriptions at subgraphs that publish results by themselves, with a resolver and without events: one socket for each
 * subgraph and identity, which closes with its last subscription. Nobody keeps what such a subgraph says while the
 * socket is broken.
 */
export class Upstreams {
  readonly #options: UpstreamsOptions;
  readonly #connections = new Map<string, Connection>();

  constructor(options: UpstreamsOptions) {
    this.#options = options;
  }

  /** How many sockets are in use. */
  get size(): number {
    return this.#connections.size;
  }

  readonly subscribe: Upstream = (program, group) => {
    const { executable, request } = program;
    const { subgraph } = executable;
    const destination: Destination = {
      subgraph,
      identity: executable.carriesIdentity ? identityProjection(group.representative) : undefined,
      headers: request.forwardedHeaders ?? {},
    };
    let isOver = false;
    const finish = (error?: unknown) => {
      if (isOver) return;
      isOver = true;
      release();
      group.onEnd(error);
    };
    const fail = (error: unknown) => finish(toError(error, subgraph.name));
    const { client, release } = this.#take(destination, { group, fail });
    const sink: Sink<SubgraphAnswer> = {
      next: (result) => {
        if (!isOver) group.onResult(result);
      },
      error: fail,
      complete: () => finish(),
    };
    const unsubscribe = client.subscribe(payloadOf(program), sink);
    return () => {
      if (isOver) return;
      isOver = true;
      unsubscribe();
      release();
    };
  };

  async stop(): Promise<void> {
    await Promise.all([...this.#connections.values()].map(({ client }) => close(client)));
    this.#connections.clear();
  }

  #take(destination: Destination, user: User): { readonly client: Client; readonly release: () => void } {
    const { subgraph, identity, headers } = destination;
    const key = JSON.stringify([subgraph.url, identity ?? null, Object.entries(headers)]);
    const connection = this.#connections.get(key) ?? this.#connect(destination);
    const { client, users } = connection;
    this.#connections.set(key, connection);
    users.add(user);
    const release = () => {
      users.delete(user);
      if (users.size > 0) return;
      this.#connections.delete(key);
      void close(client);
    };
    return { client, release };
  }

  #connect({ subgraph, identity, headers }: Destination): Connection {
    const { signIdentity, retries = 5 } = this.#options;
    const users = new Set<User>();
    let credentials: Readonly<Record<string, string>> = {};
    // The headers of an upgrade are set when the socket is made: what has to be waited for must be there before.
    class SubgraphSocket extends Socket {
      constructor(address: string | URL, protocols?: string | string[]) {
        super(address, protocols, { headers: { ...headers, ...credentials }, perMessageDeflate: false });
      }
    }
    const prepare = async () => {
      for (const [name, value] of Object.entries(headers)) validateHeaderValue(name, value);
      // Of those who are there now: whoever came first may have left, or has a token that ended.
      const [someone] = users;
      if (someone && identity !== undefined) {
        const signed = await signIdentity(someone.group.representative, subgraph.name);
        credentials = { 'tributary-identity': signed };
      }
      return subgraph.url.replace(/^http/, 'ws');
    };
    const client = createClient({
      // The library leaves to nobody what is thrown here, and the process would end: so its users hear of it, and it
      // waits for an address that never comes.
      url: () =>
        prepare().catch((error: unknown) => {
          for (const user of users) user.fail(error);
          return new Promise<string>(() => undefined);
        }),
      // Servers that do not look at headers look here.
      connectionParams: () => credentials,
      webSocketImpl: SubgraphSocket,
      retryAttempts: retries,
      shouldRetry: () => true,
      keepAlive: 30_000,
    });
    return { client, users };
  }
}

/** Closing waits for a connection that is being made, and throws what becomes of it: it is closed in any case. */
async function close(client: Client): Promise<void> {
  try {
    await client.dispose();
  } catch {
    // Whoever used it has left.
  }
}

const payloadOf = (program: PreparedSubscription): SubscribePayload =>
  JSON.parse(program.executable.sourceBody(program)) as SubscribePayload;

/** A list of errors is what the subgraph said; anything else is what became of the socket. */
function toError(error: unknown, subgraph: string): Error {
  if (Array.isArray(error)) {
    return new RequestErrors(error.map((each) => relayError(each as { message: string }, subgraph)));
  }
  return new SubgraphUnavailable(subgraph, 'broke off a subscription').with({ cause: error });
}
