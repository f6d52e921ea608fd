import { z } from 'zod';

import type { SearchEntry } from './search-repository.ts';

const times = { createdAt: z.string(), updatedAt: z.string() };

/** A member as search keeps it, of an event's data or of an answer of their owner. */
export const userEntry = z
  .object({ id: z.string(), username: z.string(), name: z.string(), ...times })
  .transform(({ id, username, name, createdAt, updatedAt }): SearchEntry => ({
    kind: 'User',
    id,
    title: `${name} ${username}`,
    text: '',
    createdAt,
    updatedAt,
  }));

/** A comment. An event leaves a very long text out. */
export const commentEntry = z
  .object({ id: z.string(), body: z.string(), ...times })
  .transform(({ id, body, createdAt, updatedAt }): SearchEntry => ({
    kind: 'Comment',
    id,
    title: '',
    text: body,
    createdAt,
    updatedAt,
  }));
