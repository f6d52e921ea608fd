import {
  at,
  served,
  relayed,
  secret,
  goodProfile,
  type HostileAnswer,
  type Options,
} from './hostile-answer.ts';
import { http, json, good, nested } from './raw-answers.ts';

/** A profile of which one field is wrong: it becomes null, with an error there. */
const wrongField = (
  what: string,
  field: keyof typeof goodProfile,
  value: unknown,
  options: Options & { place?: string } = {},
) => {
  const { place = field, ...rest } = options;
  return served(what, json({ data: { profile: { ...goodProfile, [field]: value } } }), {
    gives: { ...goodProfile, [field]: null },
    errors: [at(`profile.${place}`, relayed)],
    ...rest,
  });
};
const emptiesAll = { stock: 'gives up the whole answer' };

/** GraphQL answers that do not fit the schema. */
export const values: readonly HostileAnswer[] = [
  served('a text for an object', json({ data: { profile: secret } }), {
    gives: null,
    errors: [at('profile', relayed)],
    ...emptiesAll,
  }),
  served('a number for an object', json({ data: { profile: 5 } }), {
    gives: null,
    errors: [at('profile', relayed)],
    ...emptiesAll,
  }),
  served('a list for an object', json({ data: { profile: [goodProfile] } }), {
    gives: null,
    errors: [at('profile', relayed)],
    stock: 'takes it for an object',
  }),
  served('nothing for an object', json({ data: {} }), { gives: null }),
  wrongField('an object for a text', 'name', { secret }),
  wrongField('a list for a text', 'name', [secret]),
  wrongField('a number for a text', 'name', 5),
  wrongField('a text for a number', 'age', secret),
  wrongField('a list for a number', 'age', [36]),
  wrongField('a fraction for an integer', 'age', 1.5),
  wrongField('an integer above 32 bits', 'age', 2 ** 31, { stock: 'passes it on' }),
  served('a number above all numbers', http(good.replace('36', '1e999')), {
    gives: { ...goodProfile, age: null },
    errors: [at('profile.age', relayed)],
  }),
  served('a float above all numbers', http(good.replace('1.5', '-1e999')), {
    gives: { ...goodProfile, score: null },
    errors: [at('profile.score', relayed)],
  }),
  wrongField('a text for a boolean', 'isAdmin', 'true'),
  wrongField('a number for a boolean', 'isAdmin', 1),
  wrongField('a value that an enum does not have', 'role', secret),
  wrongField('an object for an enum', 'role', {}),
  wrongField('a text for a list', 'tags', 'a', { ...emptiesAll }),
  wrongField('an object for a list', 'tags', { 0: 'a', length: 1 }, { ...emptiesAll }),
  wrongField('a list with a null where none may be', 'tags', ['a', null], { place: 'tags.1' }),
  wrongField('a list with a wrong item', 'tags', ['a', 5], { place: 'tags.1' }),
  wrongField('a list of texts for a list of objects', 'friends', [secret], {
    gives: { ...goodProfile, friends: [null] },
    place: 'friends.0',
    ...emptiesAll,
  }),
  wrongField('an object without a field that it must have', 'home', {}, { place: 'home.city' }),
  wrongField('an object with a null that may not be', 'home', { city: null }, { place: 'home.city' }),
  wrongField('a list of objects for an object', 'home', [{ city: 'London' }], {
    stock: 'takes it for an object',
  }),
  wrongField(
    'an object of a type that the union does not have',
    'pet',
    { __typename: 'Profile', lives: 9 },
    { stock: 'passes its type on' },
  ),
  wrongField('an object of a type that does not exist', 'pet', { __typename: secret, lives: 9 }),
  wrongField('an object whose type is a number', 'pet', { __typename: 5, lives: 9 }, { ...emptiesAll }),
  wrongField('an object of a type that objects inherit', 'pet', { __typename: 'constructor', lives: 9 }),
  wrongField('an object that does not say its type', 'pet', { lives: 9 }, { stock: 'says nothing' }),
  wrongField('a text for a union', 'pet', secret, { ...emptiesAll }),
  served(
    'JSON in JSON that is too deep to be written',
    http(good.replace('{"any":["thing"]}', nested(40_000))),
    {
      gives: { ...goodProfile, extra: null },
      errors: [at('profile.extra', relayed)],
      stock: 'runs out of stack for the whole answer',
    },
  ),
  served('fields that nobody asked for', http(good.replace('"name"', `"password":"${secret}","name"`))),
];
