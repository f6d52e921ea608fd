import { expect, it } from 'vitest';

import { anonymous, type Principal } from '../identity/principal.ts';
import { identityProjection } from './identity-projection.ts';

const principal = (facts: Partial<Principal>): Principal => ({ ...anonymous, ...facts });

it('is empty for a caller without a token', () => {
  expect(identityProjection(anonymous)).toBe('');
});

it('says who it is and what they may, in an order of its own and without repetitions', () => {
  const one = principal({ sub: 'u1', scopes: ['b', 'a', 'b'], roles: ['Y', 'X'] });
  const other = principal({ sub: 'u1', scopes: ['a', 'b'], roles: ['X', 'Y', 'X'], expiresAt: 1 });
  expect(identityProjection(one)).toBe('["u1",["a","b"],["X","Y"]]');
  expect(identityProjection(other)).toBe(identityProjection(one));
});

it('differs for whoever differs in anything', () => {
  const principals = [
    {},
    { sub: '' },
    { sub: 'u1' },
    { sub: 'u1', scopes: [''] },
    { sub: 'u1', roles: [''] },
    { sub: 'u1', scopes: ['a', 'b'] },
    { sub: 'u1', scopes: ['a,b'] },
    { sub: 'u1', scopes: ['a","b'] },
    { sub: 'u1', scopes: ['a'], roles: ['b'] },
    { sub: 'u1', roles: ['a', 'b'] },
    { sub: 'u1"],["a","b' },
    { sub: 'null', roles: ['a'] },
    { roles: ['a'] },
  ].map(principal);
  expect(new Set(principals.map(identityProjection)).size).toBe(principals.length);
});
