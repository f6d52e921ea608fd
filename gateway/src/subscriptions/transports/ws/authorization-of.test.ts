import { expect, it } from 'vitest';

import { authorizationOf } from './authorization-of.ts';

it.each([
  [{ authorization: 'Bearer x' }, 'Bearer x'],
  [{ Authorization: '  Bearer x\t' }, 'Bearer x'],
  [{ headers: { AUTHORIZATION: ' Bearer x ' } }, 'Bearer x'],
  [{ authToken: ' x ' }, 'Bearer x'],
  [{ authorization: '' }, ''],
  [{ authToken: '' }, 'Bearer '],
])('reads %j as HTTP would', (payload, expected) => {
  expect(authorizationOf(payload)).toBe(expected);
});

it.each([{}, { authorization: null }, { authToken: null, headers: null }, { headers: ['authorization'] }])(
  'reads %j as nobody',
  (payload) => {
    expect(authorizationOf(payload)).toBeUndefined();
  },
);

it.each([{ authorization: 7 }, { authorization: ['Bearer x', 'Bearer y'] }, { authToken: { token: 'x' } }])(
  'takes %j for a wrong token and not for none',
  (payload) => {
    expect(authorizationOf(payload)).not.toMatch(/^bearer +[^\s]+$/i);
    expect(authorizationOf(payload)).toBeDefined();
  },
);
