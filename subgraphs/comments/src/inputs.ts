import { z } from 'zod';

/** Rules beyond the types of the schema; their messages are read by people. */
const body = z.string().trim().min(1, 'must not be empty').max(5000, 'must have at most 5,000 characters');

/** What an id of another subgraph looks like; whether there is such a post only that subgraph could say. */
const postId = z.string().refine((id) => /^[\w-]{1,64}$/.test(id), {
  message: 'must be the id of a post: at most 64 letters, digits, "-" and "_"',
  params: { code: 'INVALID_REFERENCE' },
});

export const addCommentInput = z.object({ postId, body });

export const editCommentInput = z.object({
  // `null` would take away what a comment cannot be without.
  body: z.preprocess((value, check) => {
    if (value === null)
      check.addIssue({
        code: 'custom',
        message: 'must not be null: a comment has a text; leave it out to keep it',
      });
    return value === null ? undefined : value;
  }, body.optional()),
});
