import { z } from 'zod';

/** Rules beyond the types of the schema; their messages are read by people. */
const title = z.string().trim().min(1, 'must not be empty').max(200, 'must have at most 200 characters');
const content = z
  .string()
  .trim()
  .min(1, 'must not be empty')
  .max(50_000, 'must have at most 50,000 characters');
const tag = z.string().trim().min(1, 'must not be empty').max(40, 'must have at most 40 characters');
const tags = z
  .array(tag)
  .max(10, 'must be at most 10 words')
  .transform((words) => [...new Set(words)]);

/** A value that may be left out and, once there, must be one: `null` would take away what a post cannot be without. */
const kept = <T extends z.ZodType>(schema: T, name: string) =>
  z.preprocess((value, check) => {
    if (value === null)
      check.addIssue({
        code: 'custom',
        message: `must not be null: a post has a ${name}; leave it out to keep it`,
      });
    return value === null ? undefined : value;
  }, schema.optional());

export const createPostInput = z.object({
  title,
  content,
  tags: tags.nullish().transform((words) => words ?? []),
  status: z
    .enum(['DRAFT', 'PUBLISHED'], 'must be DRAFT or PUBLISHED for a new post')
    .nullish()
    .transform((status) => status ?? 'DRAFT'),
});

export const updatePostInput = z.object({
  title: kept(title, 'title'),
  content: kept(content, 'text'),
  tags: tags.nullish(),
});
