import { expect, it } from 'vitest';

import { anonymous } from '../../identity/principal.ts';
import { isInAudience } from './audience.ts';

const ada = { sub: '1', roles: ['USER'], scopes: [] };

it.each([
  ['everybody where none is named', undefined, anonymous, true],
  ['a principal', { principals: ['1'] }, ada, true],
  ['no other principal', { principals: ['2'] }, ada, false],
  ['whoever has a role', { principals: ['2'], roles: ['ADMIN', 'USER'] }, ada, true],
  ['nobody who is not known', { principals: ['1'], roles: ['USER'] }, anonymous, false],
  ['nobody where it is empty', {}, ada, false],
])('lets an event be seen by %s', (_who, audience, principal, expected) => {
  expect(isInAudience(audience, principal)).toBe(expected);
});
