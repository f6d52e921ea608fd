import { CodedError } from '@tributary/errors';
import type { Sql } from '@tributary/subgraph-kit';

import type { PostFilterInput } from './generated/resolvers.ts';

/** Conditions on posts that may be combined without end, in the form that the schema gives them. */
export type PostFilter = PostFilterInput;

/** More conditions than any page of ours needs, few enough for PostgreSQL to plan at once. */
const largestFilter = 50;

/**
 * Makes the condition of a filter; every value is a parameter. A filter without a status anywhere in it means
 * published posts.
 *
 * @throws {CodedError} BAD_USER_INPUT for more than 50 conditions, or for drafts, which have a field of their own
 */
export function postCondition(sql: Sql, filter: PostFilter): Condition {
  const size = countConditions(filter);
  if (size > largestFilter) {
    throw new CodedError(
      'BAD_USER_INPUT',
      `Argument "filter" must have at most ${largestFilter} conditions, but got ${size}`,
    );
  }
  const status = asksForStatus(filter) ? filter.status : 'PUBLISHED';
  // Whatever else is asked for, other people's drafts are not in any list.
  return sql`status <> 'DRAFT' and ${all(sql, { ...filter, status })}`;
}

function all(sql: Sql, filter: PostFilter): Condition {
  const { status, authorId, tag, createdAfter, createdBefore, and, or } = filter;
  const conditions = [
    status != null && sql`status = ${status}`,
    authorId != null && sql`author_id = ${authorId}`,
    tag != null && sql`exists (select from post_tags where post_id = posts.id and tag = ${tag})`,
    createdAfter != null && sql`created_at >= ${createdAfter}`,
    createdBefore != null && sql`created_at < ${createdBefore}`,
    ...(and ?? []).map((part) => sql`(${all(sql, part)})`),
    or != null && any(sql, or),
  ].filter((condition) => condition !== false);
  return conditions.reduce<Condition>((joined, condition) => sql`${joined} and ${condition}`, sql`true`);
}

/** A piece of a statement that is sent only as a part of one. */
type Condition = ReturnType<Sql>;

/** At least one must hold, so an empty list lets nothing through. */
function any(sql: Sql, filters: readonly PostFilter[]): Condition {
  const joined = filters.reduce<Condition>(
    (previous, filter) => sql`${previous} or (${all(sql, filter)})`,
    sql`false`,
  );
  return sql`(${joined})`;
}

/** True when the filter or any part of it names a status. */
function asksForStatus(filter: PostFilter): boolean {
  if (filter.status === 'DRAFT') {
    throw new CodedError(
      'BAD_USER_INPUT',
      'Argument "filter.status" must be PUBLISHED or ARCHIVED, but got DRAFT: see "drafts"',
    );
  }
  // All parts are looked at, since each may ask for drafts.
  return [filter.status != null, ...parts(filter).map(asksForStatus)].includes(true);
}

const parts = ({ and, or }: PostFilter): readonly PostFilter[] => [...(and ?? []), ...(or ?? [])];

function countConditions({ and, or, ...own }: PostFilter): number {
  const inner = parts({ and, or }).reduce((sum, filter) => sum + 1 + countConditions(filter), 0);
  return inner + Object.values(own).filter((value) => value != null).length;
}
