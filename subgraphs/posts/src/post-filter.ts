import { CodedError } from '@tributary/errors';
import { filterCondition, type Condition, type Sql } from '@tributary/subgraph-kit';

import type { PostFilterInput } from './generated/resolvers.ts';

/** Conditions on posts that may be combined without end, in the form that the schema gives them. */
export type PostFilter = PostFilterInput;

/**
 * Makes the condition of a filter; every value is a parameter. A filter without a status anywhere in it means
 * published posts.
 *
 * @throws {CodedError} BAD_USER_INPUT for more than 50 conditions, or for drafts, which have a field of their own
 */
export function postCondition(sql: Sql, filter: PostFilter): Condition {
  // Whatever is asked for, other people's drafts are not in any list.
  const visible = asksForStatus(filter) ? sql`status <> 'DRAFT'` : sql`status = 'PUBLISHED'`;
  return sql`${visible} and ${filterCondition(sql, filter, (part) => conditionsOf(sql, part))}`;
}

const conditionsOf = (
  sql: Sql,
  { status, authorId, tag, createdAfter, createdBefore }: PostFilter,
): (Condition | false)[] => [
  status != null && sql`status = ${status}`,
  authorId != null && sql`author_id = ${authorId}`,
  tag != null && sql`exists (select from post_tags where post_id = posts.id and tag = ${tag})`,
  createdAfter != null && sql`created_at >= ${createdAfter}`,
  createdBefore != null && sql`created_at < ${createdBefore}`,
];

/** True when the filter or any part of it names a status. */
function asksForStatus({ status, and, or }: PostFilter): boolean {
  if (status === 'DRAFT') {
    throw new CodedError(
      'BAD_USER_INPUT',
      'Argument "filter.status" must be PUBLISHED or ARCHIVED, but got DRAFT: see "drafts"',
    );
  }
  // All parts are looked at, since each may ask for drafts.
  return [status != null, ...[...(and ?? []), ...(or ?? [])].map(asksForStatus)].includes(true);
}
