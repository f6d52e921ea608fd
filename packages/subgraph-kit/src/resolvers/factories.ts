import { LRUCache } from 'lru-cache';

import type { Resolver } from '../guards/compose.ts';
import { toConnection, type Connection } from '../pagination/connection.ts';
import { encodeCursor, type Cursor } from '../pagination/cursor.ts';
import { readPage, type Page } from '../pagination/page.ts';

/** Arguments of a field that gives a connection. */
export interface PageArguments {
  readonly first?: number | null | undefined;
  readonly after?: string | null | undefined;
}

export interface PaginatedOptions<Parent, Args, Context, Row> {
  /** Gives the rows of a page; `limit` is one more than was asked for, to learn whether there is a next page. */
  readonly getRows: (request: {
    parent: Parent;
    args: Args;
    page: Page;
    limit: number;
    context: Context;
  }) => Promise<readonly Row[]>;
  /** The row's place in the list's order. */
  readonly cursorOf: (row: Row) => Cursor;
  /** Must equal the default in the schema. @default 20 */
  readonly defaultFirst?: number;
}

/** A resolver for a connection: bounds, cursor and page info are the same everywhere, only the rows differ. */
export function paginated<Parent, Args extends PageArguments, Context, Row>(
  options: PaginatedOptions<Parent, Args, Context, Row>,
): Resolver<Parent, Args, Context, Promise<Connection<Row>>> {
  const { getRows, cursorOf, defaultFirst = 20 } = options;
  return async (parent, args, context) => {
    const page = readPage(args, defaultFirst);
    const rows = await getRows({ parent, args, page, limit: page.first + 1, context });
    return toConnection(rows, page, (row) => encodeCursor(cursorOf(row)));
  };
}

export interface CachedOptions<Parent, Args> {
  /** What the value depends on. The caller must not be part of it unless the key says so. */
  readonly keyOf: (parent: Parent, args: Args) => string;
  readonly ttlSeconds: number;
  /** @default 1000 */
  readonly maxEntries?: number;
  /** Milliseconds that only ever grow, for tests. @default performance.now */
  readonly now?: () => number;
}

/** Remembers a resolver's values in this process for a while; failures are not remembered. */
export function cached<Parent, Args, Context, Result>(
  { keyOf, ttlSeconds, maxEntries = 1000, now }: CachedOptions<Parent, Args>,
  resolve: Resolver<Parent, Args, Context, Promise<Result>>,
): Resolver<Parent, Args, Context, Promise<Result>> {
  const values = new LRUCache<string, Promise<Result>>({
    max: maxEntries,
    ttl: ttlSeconds * 1000,
    ...(now && { perf: { now }, ttlResolution: 0 }),
  });
  return (parent, args, context, info) => {
    const key = keyOf(parent, args);
    const known = values.get(key);
    if (known) return known;
    const value = resolve(parent, args, context, info);
    values.set(key, value);
    value.catch(() => {
      // A newer value may have taken the place in the meantime.
      if (values.peek(key) === value) values.delete(key);
    });
    return value;
  };
}

/** A resolver that gives one entity by the `id` argument. */
export const byId =
  <Context, Row>(
    load: (context: Context, id: string) => Promise<Row>,
  ): Resolver<unknown, { readonly id: string }, Context, Promise<Row>> =>
  (_parent, { id }, context) =>
    load(context, id);
