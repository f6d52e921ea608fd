import { channelOf, type NewEvent } from '@tributary/subgraph-kit';

import type { NotificationRow } from './notification-repository.ts';
import type { UserRow } from './repository.ts';

export const userCreated = (user: UserRow): NewEvent => userEvent('UserCreated', 'created', user);

export const userUpdated = (user: UserRow): NewEvent => userEvent('UserUpdated', 'updated', user);

/** Never what is personal: events are for everybody. */
const userEvent = (type: string, action: string, user: UserRow): NewEvent => ({
  type,
  channel: channelOf('user', user.id, action),
  entity: { __typename: 'User', id: user.id },
  data: {
    id: user.id,
    username: user.username,
    name: user.name,
    createdAt: user.createdAt.toISOString(),
    updatedAt: user.updatedAt.toISOString(),
  },
});

/** A member came or went. */
export const presenceChanged = ({ id, isOnline, lastSeenAt }: UserRow): NewEvent => ({
  type: 'PresenceChanged',
  channel: channelOf('user', id, 'presence'),
  entity: { __typename: 'User', id },
  data: { id, isOnline, lastSeenAt: lastSeenAt?.toISOString() ?? null },
});

/** Nobody else hears of it, and what it says is asked for in the member's name. */
export const notificationCreated = ({ id, userId }: NotificationRow): NewEvent => ({
  type: 'NotificationCreated',
  channel: channelOf('notification', userId, 'created'),
  entity: { __typename: 'Notification', id },
  audience: { principals: [userId] },
});
