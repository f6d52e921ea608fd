import type { Database, Sql } from '../database/database.ts';
import { LoaderRegistry, type LoaderDefaults } from '../loaders/loader-registry.ts';
import type { Principal } from './principal.ts';
import { loadsTooMuch } from './request-limits.ts';

/**
 * What every resolver finds in its third argument. Everything but `extensions` is read-only. Pass it on whole: a copy
 * made by spreading it has nothing in it, since reading the caller must stay an act of its own.
 */
export interface RequestContext<Repositories, Loaders, Services, User = unknown> {
  readonly requestId: string;
  readonly startedAt: Date;
  /**
   * Who asks.
   *
   * @throws {TypeError} when the request carries no identity: then the schema says that this answer does not depend
   *   on the caller, and reading the caller would make that a lie
   */
  readonly principal: Principal;
  /** Shorthand for `principal.userId`: the id of the caller, `null` for somebody who did not sign in. */
  readonly currentUserId: string | null;
  /**
   * What the subgraph keeps of the caller, read when somebody asks for the first time, and again after a transaction.
   *
   * @throws {TypeError} when the subgraph does not say how to read it
   */
  readonly currentUser: Promise<User>;
  /**
   * Aborted when the caller is gone, the deadline has passed or the request loads too much; its reason says which. No
   * field starts after it and loaders refuse; what takes long by itself should take it along.
   */
  readonly signal: AbortSignal;
  readonly repositories: Repositories;
  readonly loaders: Loaders;
  readonly services: Services;
  /**
   * Runs a mutation's work in one transaction of its own, with repositories that write in it; then forgets all that
   * loaders have read, so that the answer shows what was written.
   */
  transaction<T>(work: (repositories: Repositories) => Promise<T>): Promise<T>;
  /** Calls a function when the request is over, in reverse order of registration. */
  onEnd(release: () => void | Promise<void>): void;
  /** The one place where resolvers may leave something for each other, and for the log. */
  readonly extensions: Record<string, unknown>;
}

/** What a subgraph brings to its context; called anew for every request. */
export interface ContextParts<Repositories, Loaders, Services> {
  readonly repositories: (sql: Sql) => Repositories;
  readonly loaders: (registry: LoaderRegistry, repositories: Repositories) => Loaders;
  readonly services: Services;
  /** Reads what `context.currentUser` gives. @default the subgraph knows ids alone */
  currentUser?(context: RequestContext<Repositories, Loaders, Services>): Promise<unknown>;
}

/** What a context is made from: the same for HTTP, for events and in tests. */
export interface ContextInput {
  readonly database: Database;
  readonly requestId: string;
  /** Absent when the request carries no identity. */
  readonly principal?: Principal | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Keys that all loaders together may be asked for, known ones included; more abort the request. @default no bound */
  readonly maxLoadedKeys?: number | undefined;
  readonly loaderDefaults?: LoaderDefaults | undefined;
}

/** A context and what ends it. */
export interface ContextScope<Context> {
  readonly context: Context;
  readonly registry: LoaderRegistry;
  /** Gives the request up: `context.signal` is aborted for this reason. */
  abort(reason: Error): void;
  /**
   * Empties the loaders and calls what was registered with `onEnd`, all of it, even when some of it fails; a second
   * call does nothing.
   *
   * @throws what the first of them threw
   */
  end(): Promise<void>;
}

/** Makes the context of one request: nothing in it has been, or will be, part of another. */
export function createContext<Repositories, Loaders, Services>(
  parts: ContextParts<Repositories, Loaders, Services>,
  input: ContextInput,
): ContextScope<RequestContext<Repositories, Loaders, Services>> {
  const { database, requestId, principal, maxLoadedKeys = Infinity } = input;
  const ended = new AbortController();
  if (input.signal) abortWith(ended, input.signal);
  const { signal } = ended;
  const registry = new LoaderRegistry(input.loaderDefaults, {
    signal,
    onLoad: countKeys(maxLoadedKeys, ended),
  });
  const repositories = parts.repositories(database.sql);
  const releases: (() => void | Promise<void>)[] = [];
  let currentUser: Promise<unknown> | undefined;
  const context: RequestContext<Repositories, Loaders, Services> = Object.freeze({
    requestId,
    startedAt: new Date(),
    get principal() {
      if (principal) return principal;
      throw new TypeError(
        'Expected the request to carry an identity, but it has none: the caller was read for an answer that the ' +
          'schema does not mark `@personal`',
      );
    },
    get currentUserId() {
      return context.principal.userId;
    },
    get currentUser() {
      const read = parts.currentUser?.bind(parts);
      if (read) return (currentUser ??= Promise.try(read, context));
      throw new TypeError('Expected the subgraph to say how to read the current user, but it does not');
    },
    signal,
    repositories,
    loaders: parts.loaders(registry, repositories),
    services: parts.services,
    transaction: async <T>(work: (repositories: Repositories) => Promise<T>) => {
      try {
        return await database.transaction((sql) => work(parts.repositories(sql)));
      } finally {
        registry.clearAll();
        currentUser = undefined;
      }
    },
    onEnd: (release: () => void | Promise<void>) => void releases.push(release),
    extensions: {},
  });
  const end = async () => {
    registry.clearAll();
    const failures: unknown[] = [];
    for (const release of releases.splice(0).toReversed()) {
      await Promise.try(release).catch((error: unknown) => failures.push(error));
    }
    if (failures.length > 0) throw failures[0];
  };
  return { context, registry, abort: (reason) => ended.abort(reason), end };
}

/** `AbortSignal.any` would do the same, for more than all else that a context is made of. */
function abortWith(ended: AbortController, signal: AbortSignal): void {
  const abort = () => ended.abort(signal.reason);
  if (signal.aborted) abort();
  else signal.addEventListener('abort', abort, { once: true, signal: ended.signal });
}

/**
 * Counts what a request loads and aborts it past the bound: lists within lists multiply, and what they bring is held in
 * memory until the answer is written.
 */
function countKeys(maxLoadedKeys: number, ended: AbortController): (keys: number) => void {
  let loadedKeys = 0;
  return (keys) => {
    loadedKeys += keys;
    if (loadedKeys > maxLoadedKeys) ended.abort(loadsTooMuch(maxLoadedKeys));
  };
}
