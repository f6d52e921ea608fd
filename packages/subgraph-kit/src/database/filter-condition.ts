import { defineError } from '@tributary/errors';

import type { Sql } from './database.ts';

/** A piece of a statement that is sent only as a part of one. */
export type Condition = ReturnType<Sql>;

/** A filter input: conditions of its own, all of which must hold, and further filters without end. */
export interface CombinableFilter<Filter> {
  /** All of these must hold. */
  readonly and?: readonly Filter[] | null | undefined;
  /** At least one of these must hold. */
  readonly or?: readonly Filter[] | null | undefined;
}

/** More conditions than any page needs, few enough for PostgreSQL to plan at once. */
const largestFilter = 50;

const FilterTooLarge = defineError(
  'BAD_USER_INPUT',
  (size: number) => `Argument "filter" must have at most ${largestFilter} conditions, but got ${size}`,
);

/**
 * Makes the condition of a filter. `conditionsOf` gives those of one filter without `and` and `or`, `false` for
 * each that was not asked for; values belong into parameters.
 *
 * @example
 * filterCondition(sql, filter, ({ role }) => [role != null && sql`role = ${role}`])
 * @throws {CodedError} BAD_USER_INPUT for more than 50 conditions
 */
export function filterCondition<Filter extends CombinableFilter<Filter>>(
  sql: Sql,
  filter: Filter,
  conditionsOf: (filter: Filter) => readonly (Condition | false)[],
): Condition {
  const size = countConditions(filter);
  if (size > largestFilter) throw new FilterTooLarge(size);

  const all = (part: Filter): Condition =>
    [
      ...conditionsOf(part),
      ...(part.and ?? []).map((inner) => sql`(${all(inner)})`),
      part.or != null && any(part.or),
    ]
      .filter((condition) => condition !== false)
      .reduce<Condition>((joined, condition) => sql`${joined} and ${condition}`, sql`true`);

  // At least one must hold, so an empty list lets nothing through.
  const any = (parts: readonly Filter[]): Condition => {
    const joined = parts.reduce<Condition>(
      (previous, part) => sql`${previous} or (${all(part)})`,
      sql`false`,
    );
    return sql`(${joined})`;
  };

  return all(filter);
}

function countConditions<Filter extends CombinableFilter<Filter>>({ and, or, ...own }: Filter): number {
  const inner = [...(and ?? []), ...(or ?? [])].reduce((sum, part) => sum + 1 + countConditions(part), 0);
  return inner + Object.values(own).filter((value) => value != null).length;
}
