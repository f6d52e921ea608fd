import { randomUUID } from 'node:crypto';

import { createMemoryEventLog, partitionOf, type EventLog } from '@tributary/event-log';

import type { TalkingSupergraph } from './talking-supergraph.ts';

/** The event log of a talking supergraph, for as many gateways as a test starts: none of them stops it. */
export function createTalkingEvents(supergraph: TalkingSupergraph) {
  const log = createMemoryEventLog();
  const eventLog: EventLog = {
    append: (position, event) => log.append(position, event),
    appendAll: (entries) => log.appendAll(entries),
    ends: (partitions) => log.ends(partitions),
    head: () => log.head(),
    tail: (options) => log.tail(options),
    read: (range) => log.read(range),
    stop: async () => undefined,
  };
  const ends = new Map<string, number>();

  /** What a mutation and its relay do when Grace comments on post 42. */
  const comment = async (id: string): Promise<void> => {
    supergraph.data.comments.set(id, { id, body: `Comment ${id}`, author: '2', post: '42' });
    const entity = { __typename: 'Comment', id };
    // All in one partition: comments of one post come in their order.
    const partition = partitionOf('comments', { __typename: 'Post', id: '42' });
    const seq = (ends.get(partition) ?? 0) + 1;
    ends.set(partition, seq);
    await eventLog.append(
      { partition, seq },
      {
        id: randomUUID(),
        channel: 'post.42.comment-added',
        type: 'CommentAdded',
        occurredAt: new Date().toISOString(),
        source: 'comments',
        entity,
      },
    );
  };
  return { eventLog, comment, stop: () => log.stop() };
}
