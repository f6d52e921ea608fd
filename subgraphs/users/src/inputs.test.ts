import { parseInput } from '@tributary/subgraph-kit';
import { describe, expect, it } from 'vitest';
import type { z } from 'zod';

import { signInInput, signUpInput, updateProfileInput } from './inputs.ts';

const valueOf = <T>(schema: z.ZodType<T>, input: unknown): T | undefined => {
  const parsed = parseInput(schema, input);
  return parsed.ok ? parsed.value : undefined;
};
const problemsOf = (schema: z.ZodType, input: unknown) => {
  const parsed = parseInput(schema, input);
  return parsed.ok
    ? []
    : parsed.failure.fields.map(({ path, code, message }) => `${path.join('.')} ${code}: ${message}`);
};

describe('signing up', () => {
  const ada = { username: 'ada', name: 'Ada Lovelace', email: 'ada@example.org', password: 'analytical' };

  it('takes what is within bounds', () => {
    expect(valueOf(signUpInput, ada)).toEqual(ada);
  });

  it('takes white space around a name away, and leaves passwords as they are', () => {
    const value = valueOf(signUpInput, { ...ada, name: '  Ada ', password: '  spaces  ' });
    expect(value).toMatchObject({ name: 'Ada', password: '  spaces  ' });
  });

  it.each(['ab', 'Bret', 'Elwyn.Skiles', 'Leopoldo_Corkery', 'a-1', '42'])(
    'takes the username %s',
    (username) => {
      expect(problemsOf(signUpInput, { ...ada, username })).toEqual([]);
    },
  );

  it.each(['.ada', 'ada.', 'a da', 'ädä', 'ada@example.org', 'аda', "a'--", 'ada\n'])(
    'refuses the username %j',
    (username) => {
      expect(problemsOf(signUpInput, { ...ada, username })).toEqual([
        'username INVALID_INPUT: must be letters, digits, ".", "_" and "-", and begin and end with a letter or digit',
      ]);
    },
  );

  it('names every value that cannot be used', () => {
    const input = {
      username: 'a',
      name: '   ',
      email: `${'a'.repeat(250)}@example.org`,
      password: '1234567',
    };
    expect(problemsOf(signUpInput, input)).toEqual([
      'username INVALID_INPUT: must have at least 2 characters',
      'name INVALID_INPUT: must not be empty',
      'email INVALID_INPUT: must have at most 254 characters',
      'password INVALID_INPUT: must have at least 8 characters',
    ]);
  });

  it('bounds what is hashed', () => {
    expect(problemsOf(signUpInput, { ...ada, password: 'x'.repeat(200) })).toEqual([]);
    expect(problemsOf(signUpInput, { ...ada, password: 'x'.repeat(201) })).toEqual([
      'password INVALID_INPUT: must have at most 200 characters',
    ]);
  });
});

describe('signing in', () => {
  it('takes a username or an address', () => {
    expect(valueOf(signInInput, { username: 'ada', password: 'x' })).toEqual({
      login: { username: 'ada' },
      password: 'x',
    });
    expect(valueOf(signInInput, { username: null, email: 'ada@example.org', password: 'x' })).toEqual({
      login: { email: 'ada@example.org' },
      password: 'x',
    });
  });

  it('needs one of them', () => {
    expect(problemsOf(signInInput, { password: 'x' })).toEqual([
      'username MISSING_REQUIRED: must be there, unless there is an email',
    ]);
  });

  it('refuses both, which may name two members', () => {
    expect(problemsOf(signInInput, { username: 'ada', email: 'bob@example.org', password: 'x' })).toEqual([
      'email INVALID_INPUT: must not be there beside a username',
    ]);
  });

  it('bounds what is hashed', () => {
    expect(problemsOf(signInInput, { username: 'ada', password: 'x'.repeat(201) })).toEqual([
      'password INVALID_INPUT: must have at most 200 characters',
    ]);
  });
});

describe('changing a profile', () => {
  it('tells what is left out from what is taken away', () => {
    expect(valueOf(updateProfileInput, {})).toEqual({});
    const cleared = {
      bio: null,
      website: null,
      city: null,
      company: null,
      birthday: null,
      preferences: null,
    };
    expect(valueOf(updateProfileInput, cleared)).toEqual(cleared);
  });

  it('does not take away what a member must have', () => {
    expect(problemsOf(updateProfileInput, { name: null, email: null })).toEqual([
      'name INVALID_INPUT: must not be null: a member has a name; leave it out to keep it',
      'email INVALID_INPUT: must not be null: a member has an address; leave it out to keep it',
    ]);
  });

  it('gives the database texts', () => {
    const input = {
      website: new URL('https://example.org'),
      birthday: new Date('1815-12-10'),
      bio: ' Poet ',
    };
    expect(valueOf(updateProfileInput, { ...input, birthday: new Date('1915-12-10') })).toEqual({
      website: 'https://example.org/',
      birthday: '1915-12-10',
      bio: 'Poet',
    });
  });

  it.each([
    ['javascript:alert(1)', 'must start with https: or http:'],
    ['data:text/html,hi', 'must start with https: or http:'],
    ['https://ada:secret@example.org', 'must not contain a password'],
    [`https://example.org/${'x'.repeat(2000)}`, 'must have at most 2,000 characters'],
  ])('refuses the website %.30s', (website, message) => {
    expect(problemsOf(updateProfileInput, { website: new URL(website) })).toEqual([
      `website INVALID_INPUT: ${message}`,
    ]);
  });

  it.each([new Date('1899-12-31'), new Date(Date.now() + 1000)])('refuses the birthday %s', (birthday) => {
    expect(problemsOf(updateProfileInput, { birthday })).toEqual([
      'birthday INVALID_INPUT: must be a day from 1900 until today',
    ]);
  });

  it.each([['a text'], [1], [true], [[{}]]])('refuses the preferences %j', (preferences) => {
    expect(problemsOf(updateProfileInput, { preferences })).toEqual([
      'preferences INVALID_INPUT: must be an object',
    ]);
  });

  it('bounds preferences', () => {
    expect(problemsOf(updateProfileInput, { preferences: { theme: 'dark' } })).toEqual([]);
    expect(problemsOf(updateProfileInput, { preferences: { text: 'x'.repeat(10_000) } })).toEqual([
      'preferences INVALID_INPUT: must have at most 10,000 characters of JSON',
    ]);
  });

  it('says where in a company a problem is', () => {
    expect(problemsOf(updateProfileInput, { company: { name: '', catchPhrase: '' } })).toEqual([
      'company.name INVALID_INPUT: must not be empty',
      'company.catchPhrase INVALID_INPUT: must not be empty',
    ]);
  });
});
