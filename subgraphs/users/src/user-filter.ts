import { containsPattern, filterCondition, type Condition, type Sql } from '@tributary/subgraph-kit';

import type { UserFilterInput } from './generated/resolvers.ts';

/** Conditions on users that may be combined without end, in the form that the schema gives them. */
export type UserFilter = UserFilterInput;

/**
 * Makes the condition of a filter; every value is a parameter.
 *
 * @throws {CodedError} BAD_USER_INPUT for more than 50 conditions
 */
export const userCondition = (sql: Sql, filter: UserFilter): Condition =>
  filterCondition(sql, filter, ({ role, username, nameContains, createdAfter, createdBefore }) => [
    role != null && sql`role = ${role}`,
    username != null && sql`lower(username) = lower(${username})`,
    nameContains != null && sql`name ilike ${containsPattern(nameContains)}`,
    createdAfter != null && sql`created_at >= ${createdAfter}`,
    createdBefore != null && sql`created_at < ${createdBefore}`,
  ]);
