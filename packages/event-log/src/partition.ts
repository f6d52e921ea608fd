import { InvalidEvent } from './event-log-errors.ts';
import type { EntityReference } from './event.ts';
import type { Position } from './position.ts';

/** Enough for a source to use the cores of a server, few enough to follow them all. */
export const defaultPartitions = 4;
/** How many a source can have. */
export const maxPartitions = 1000;
const partitionGrammar = /^([A-Za-z0-9_-]{1,64})\.(0|[1-9][0-9]{0,2})$/;
const sourceGrammar = /^[A-Za-z0-9_-]{1,64}$/;

/** Whether it can name a source of events: letters, digits, `_` and `-`, as in the names of subgraphs. */
export const isSourceName = (name: string): boolean => sourceGrammar.test(name);

/**
 * The partition that keeps an entity's events in order: always the same for the same key, so a source publishes the
 * events of an entity by one of its keys.
 *
 * @example partitionOf('posts', { __typename: 'Post', id: '42' }) // "posts.1"
 */
export function partitionOf(source: string, entity: EntityReference, partitions = defaultPartitions): string {
  const fields = Object.entries(entity).toSorted(([one], [other]) => (one < other ? -1 : 1));
  return `${source}.${hash(JSON.stringify(fields)) % partitions}`;
}

/** FNV-1a over UTF-16 units, with its bits mixed once more since only the lowest are used. */
function hash(text: string): number {
  let bits = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    bits = Math.imul(bits ^ text.charCodeAt(index), 0x01000193);
  }
  return (bits ^ (bits >>> 15)) >>> 0;
}

/**
 * Takes the name of a partition apart.
 *
 * @example parsePartition('posts.0') // { source: 'posts', index: 0 }
 * @throws {InvalidEvent}
 */
export function parsePartition(partition: string): { readonly source: string; readonly index: number } {
  const [, source = '', index] = partitionGrammar.exec(partition) ?? [];
  if (index !== undefined) return { source, index: Number(index) };
  throw new InvalidEvent(`Expected a partition like "posts.0", but got "${partition.slice(0, 100)}"`);
}

/** @throws {InvalidEvent} when there can be no such place */
export function assertPosition({ partition, seq }: Position): void {
  parsePartition(partition);
  if (Number.isSafeInteger(seq) && seq > 0) return;
  throw new InvalidEvent(`Expected a seq of at least 1, but got ${seq}`);
}
