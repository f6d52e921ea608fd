import { encodeChannelName } from '@tributary/directives';
import type { Event } from '@tributary/event-log';

import type { FollowedChannel } from '../feed/event-feed.ts';

/**
 * Whether all that is followed is the one entity that an event is about, by the names that channels have
 * (`type.key.what-happened`): then there is nothing more to come once it is gone. Who follows the comments on a post
 * goes on when one of them is.
 *
 * @example followsEntityOf({ entity: { __typename: 'Post', id: '42' }, … }, [{ pattern: 'post.42.updated', … }]) // true
 */
export function followsEntityOf(
  { entity }: Pick<Event, 'entity'>,
  channels: readonly FollowedChannel[],
): boolean {
  const { __typename: type, ...fields } = entity;
  const keys = new Set(
    Object.values(fields).flatMap((value) =>
      typeof value === 'string' || typeof value === 'number' ? [encodeChannelName(String(value))] : [],
    ),
  );
  const follows = ({ pattern }: FollowedChannel) => {
    const [name = '', key = '', ...rest] = pattern.split('.');
    return plain(name) === plain(type) && keys.has(key) && rest.length > 0;
  };
  return channels.length > 0 && channels.every(follows);
}

/** `BlogPost`, `blog-post` and `blog_post` are one name. */
const plain = (name: string): string => name.toLowerCase().replaceAll(/[-_]/g, '');
