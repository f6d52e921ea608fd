import { at, served, relayed, secret, type HostileAnswer, type ExpectedError } from './hostile-answer.ts';
import { json } from './raw-answers.ts';

/** An error that belongs nowhere. */
export const none: ExpectedError = [undefined, 'DOWNSTREAM_SERVICE_ERROR'];
const withError = (error: object, data: object | null = { profile: null }) =>
  json({ data, errors: [{ message: secret, ...error }] });

/** Errors that say wrong things about themselves. */
export const errorShapes: readonly HostileAnswer[] = [
  served('an error whose path is a text', withError({ path: 'profile' }), { gives: null, errors: [none] }),
  served('an error whose path is an object', withError({ path: {} }), { gives: null, errors: [none] }),
  served('an error whose path has objects', withError({ path: ['profile', {}] }), {
    gives: null,
    errors: [none],
  }),
  served('an error whose path leads nowhere', withError({ path: ['nothing', 3] }), {
    gives: null,
    errors: [none],
  }),
  served(
    'an error whose path leads to what objects inherit',
    withError({ path: ['__proto__', 'toString'] }),
    {
      gives: null,
      errors: [none],
    },
  ),
  served('an error whose extensions are null', withError({ path: ['profile'], extensions: null }), {
    gives: null,
    errors: [at('profile', relayed)],
  }),
  served('an error whose extensions are a text', withError({ path: ['profile'], extensions: 'no' }), {
    gives: null,
    errors: [at('profile', relayed)],
  }),
  served('an error whose code nobody knows', withError({ path: ['profile'], extensions: { code: secret } }), {
    gives: null,
    errors: [at('profile', relayed)],
  }),
  served('an error whose code is an object', withError({ path: ['profile'], extensions: { code: {} } }), {
    gives: null,
    errors: [at('profile', relayed)],
  }),
  served(
    'an error whose code only we may use',
    withError({ path: ['profile'], extensions: { code: 'INTERNAL_SERVER_ERROR' } }),
    { gives: null, errors: [at('profile', 'INTERNAL_SERVER_ERROR')] },
  ),
  served(
    'an error whose locations are nonsense',
    withError({ path: ['profile'], locations: [{ line: 'x' }, 5] }),
    {
      gives: null,
      errors: [at('profile', relayed)],
    },
  ),
  served(
    'more errors than anybody reads',
    json({
      data: { profile: null },
      errors: Array.from({ length: 1500 }, () => ({ message: 'x', path: ['profile'] })),
    }),
    { gives: null, errors: Array.from({ length: 100 }, () => at('profile', relayed)) },
  ),
];
