import { randomUUID } from 'node:crypto';

import { partitionOf, type Event, type LoggedEvent } from '@tributary/event-log';

/** An event of a post. */
export const makeEvent = (changes: Partial<Event> = {}): Event => ({
  id: randomUUID(),
  channel: 'post.1.updated',
  type: 'PostUpdated',
  occurredAt: new Date().toISOString(),
  source: 'posts',
  entity: { __typename: 'Post', id: '1' },
  ...changes,
});

/** Events with their places: `first` to `last` of a partition. */
export const makeEntries = (partition: string, first: number, last: number): LoggedEvent[] =>
  Array.from({ length: last - first + 1 }, (_, index) => ({
    position: { partition, seq: first + index },
    event: makeEvent({ source: partition.split('.')[0] ?? '', data: { seq: first + index } }),
  }));

/** The events of many posts, placed as the relay of their source places them. */
export function placeEvents(source: string, count: number, startAt = 1): LoggedEvent[] {
  const ends = new Map<string, number>();
  return Array.from({ length: count }, (_, index) => {
    const entity = { __typename: 'Post', id: String(index % 17) };
    const partition = partitionOf(source, entity);
    const seq = (ends.get(partition) ?? startAt - 1) + 1;
    ends.set(partition, seq);
    return { position: { partition, seq }, event: makeEvent({ source, entity }) };
  });
}
