import type { Group } from './groups/group.ts';

/** An operation that is subscribed to, whoever sent it: nothing of its variables, nor of who listens. */
export interface LiveOperation {
  /** What its client calls it; absent where it has no name. */
  readonly name?: string;
  readonly field: string;
  /** Tells its document from others. */
  readonly document: string;
  readonly subscribers: number;
  /** How many different answers each event has. */
  readonly groups: number;
  /** When the oldest of its groups was made. */
  readonly since: string;
  /** Of its groups that are there still: results that were given to subscribers, and left out for slow ones. */
  readonly delivered: number;
  readonly dropped: number;
}

const longestName = 100;

/** Counts the groups of each operation together, the most subscribed first. */
export function liveOperations(groups: Iterable<Group>): readonly LiveOperation[] {
  const alike = Map.groupBy(groups, ({ program: { operation } }) =>
    JSON.stringify([operation.hash, operation.name]),
  );
  return [...alike.values()]
    .flatMap((all) => describe(all) ?? [])
    .toSorted((one, other) => other.subscribers - one.subscribers);
}

function describe(groups: readonly Group[]): LiveOperation | undefined {
  const [first] = groups;
  if (!first) return undefined;
  const { operation, field } = first.program;
  const sumOf = (count: (group: Group) => number) => groups.reduce((sum, group) => sum + count(group), 0);
  return {
    // Clients choose it.
    ...(operation.name && { name: operation.name.slice(0, longestName) }),
    field,
    document: operation.hash,
    subscribers: sumOf(({ members }) => members.size),
    groups: groups.length,
    since: new Date(Math.min(...groups.map(({ since }) => since))).toISOString(),
    delivered: sumOf(({ delivered }) => delivered),
    dropped: sumOf(({ dropped }) => dropped),
  };
}
