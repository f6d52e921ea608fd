import { z } from 'zod';

import { commentEntry, userEntry } from './search-entries.ts';
import type { SearchEntry } from './search-repository.ts';

const fields = {
  users: 'id username name createdAt updatedAt',
  comments: 'id body createdAt updatedAt',
} as const;
const entries = { users: userEntry, comments: commentEntry } as const;

const pageOf = (node: z.ZodType<SearchEntry>) =>
  z.object({
    edges: z.array(z.object({ node })),
    pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullable() }),
  });

/**
 * Everything that search finds besides posts, page by page, as the owners say it at their common door.
 *
 * @throws {TypeError} when one of them does not answer
 */
export async function* readOwners(
  gatewayUrl: string,
  signal: AbortSignal,
): AsyncGenerator<readonly SearchEntry[]> {
  for (const list of ['users', 'comments'] as const) {
    const query = `query Snapshot($after: String) {
      ${list}(first: 100, after: $after) { edges { node { ${fields[list]} } } pageInfo { hasNextPage endCursor } }
    }`;
    for (let after: string | null = null, isMore = true; isMore;) {
      const data = await ask(gatewayUrl, query, { after }, signal);
      const page = pageOf(entries[list]).parse(data[list]);
      yield page.edges.map(({ node }) => node);
      ({ endCursor: after, hasNextPage: isMore } = page.pageInfo);
    }
  }
}

/** One comment as its owner says it; nothing when it is gone. */
export async function readComment(gatewayUrl: string, id: string): Promise<SearchEntry | undefined> {
  const query = `query Comment($id: ID!) { comment(id: $id) { ${fields.comments} } }`;
  const { comment } = await ask(gatewayUrl, query, { id }, AbortSignal.timeout(4000));
  return comment === null ? undefined : commentEntry.parse(comment);
}

const answer = z.object({
  data: z.record(z.string(), z.unknown()).nullish(),
  errors: z.array(z.object({ message: z.string() })).optional(),
});

async function ask(url: string, query: string, variables: object, signal: AbortSignal) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
    signal,
  });
  const { data, errors } = answer.parse(await response.json());
  if (data && !errors) return data;
  throw new TypeError(`Expected an answer without errors of ${url}, but got "${errors?.[0]?.message}"`);
}
