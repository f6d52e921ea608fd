import { z } from 'zod';

/** Rules beyond the types of the schema; their messages are read by people. */
const text = (max: number) =>
  z
    .string()
    .trim()
    .min(1, 'must not be empty')
    .max(max, `must have at most ${max.toLocaleString('en')} characters`);

// ASCII only: letters that look alike would let one member pass for another.
const username = z
  .string()
  .min(2, 'must have at least 2 characters')
  .max(40, 'must have at most 40 characters')
  .regex(
    /^[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?$/i,
    'must be letters, digits, ".", "_" and "-", and begin and end with a letter or digit',
  );
const name = text(100);
const email = z.string().max(254, 'must have at most 254 characters');
// The upper bound is for the server's sake: hashing takes longer the longer a text is.
const longestPassword = z.string().max(200, 'must have at most 200 characters');
const password = longestPassword.min(8, 'must have at least 8 characters');

// Shown as a link: a "javascript:" address would run in the browser of whoever follows it.
const website = z
  .instanceof(URL)
  .refine(({ protocol }) => protocol === 'https:' || protocol === 'http:', 'must start with https: or http:')
  .refine(({ username, password }) => username === '' && password === '', 'must not contain a password')
  .transform(({ href }) => href)
  .refine((href) => href.length <= 2000, 'must have at most 2,000 characters');

const earliestBirthday = new Date('1900-01-01');
const birthday = z
  .date()
  .refine(
    (day) => day >= earliestBirthday && day.getTime() <= Date.now(),
    'must be a day from 1900 until today',
  )
  .transform((day) => day.toISOString().slice(0, 10));

const preferences = z
  .custom<Record<string, unknown>>(
    (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
    'must be an object',
  )
  .refine((value) => JSON.stringify(value).length <= 10_000, 'must have at most 10,000 characters of JSON');

const company = z.object({ name, catchPhrase: text(200).nullish() });

/** A value that may be left out and, once there, must be one: `null` would take away what a member cannot be without. */
const kept = <T extends z.ZodType>(schema: T, what: string) =>
  z.preprocess((value, check) => {
    if (value === null)
      check.addIssue({
        code: 'custom',
        message: `must not be null: a member has ${what}; leave it out to keep it`,
      });
    return value === null ? undefined : value;
  }, schema.optional());

export const signUpInput = z.object({ username, name, email, password });

export const renewPresenceInput = z.object({
  holder: text(100),
  userIds: z
    .array(z.string())
    .max(1000, 'must be at most 1,000 members')
    .transform((ids) => [...new Set(ids)]),
  leaseSeconds: z
    .number()
    .refine((seconds) => seconds === 0 || (seconds >= 5 && seconds <= 300), 'must be 0, or from 5 to 300'),
});

export const markNotificationsReadInput = z.object({
  ids: z
    .array(z.string())
    .min(1, 'must have at least one id')
    .max(100, 'must have at most 100 ids')
    .transform((ids) => [...new Set(ids)]),
});

/** Shorter passwords than new ones may have are wrong, not invalid. */
export const signInInput = z
  .object({
    username: z.string().max(254, 'must have at most 254 characters').nullish(),
    email: email.nullish(),
    password: longestPassword,
  })
  .transform(({ username, email, password }, check) => {
    if (username != null && email == null) return { login: { username }, password };
    if (email != null && username == null) return { login: { email }, password };
    if (email == null)
      check.addIssue({
        code: 'invalid_type',
        expected: 'string',
        input: undefined,
        path: ['username'],
        message: 'must be there, unless there is an email',
      });
    else check.addIssue({ code: 'custom', path: ['email'], message: 'must not be there beside a username' });
    return z.NEVER;
  });

export const updateProfileInput = z.object({
  name: kept(name, 'a name'),
  email: kept(email, 'an address'),
  bio: text(1000).nullish(),
  website: website.nullish(),
  city: text(100).nullish(),
  company: company.nullish(),
  birthday: birthday.nullish(),
  preferences: preferences.nullish(),
});
