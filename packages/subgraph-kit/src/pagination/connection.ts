/** Relay's connection, as every list of the graph is given. */
export interface Connection<Node> {
  readonly edges: readonly { readonly node: Node; readonly cursor: string }[];
  readonly pageInfo: PageInfo;
}

export interface PageInfo {
  readonly hasNextPage: boolean;
  readonly hasPreviousPage: boolean;
  readonly startCursor: string | null;
  readonly endCursor: string | null;
}

/**
 * Makes a connection of the rows that a query for one more than `first` gave: the extra row is not shown, it only
 * tells that there is a next page.
 *
 * @example toConnection(await posts.list({ ...page, limit: page.first + 1 }), page, (post) => encodeCursor(post.createdAt, post.id))
 */
export function toConnection<Node>(
  rows: readonly Node[],
  page: { readonly first: number; readonly after?: unknown },
  cursorOf: (node: Node) => string,
): Connection<Node> {
  const edges = rows.slice(0, page.first).map((node) => ({
    node,
    // Made when it is asked for: of a page, mostly the last one is.
    get cursor() {
      return cursorOf(node);
    },
  }));
  return {
    edges,
    pageInfo: {
      hasNextPage: rows.length > page.first,
      // Relay allows `false` where looking back would cost a query; after a cursor there is always the row before.
      hasPreviousPage: page.after !== undefined && edges.length > 0,
      get startCursor() {
        return edges.at(0)?.cursor ?? null;
      },
      get endCursor() {
        return edges.at(-1)?.cursor ?? null;
      },
    },
  };
}
