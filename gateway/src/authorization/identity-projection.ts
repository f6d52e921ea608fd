import type { Principal } from '../identity/principal.ts';

/**
 * What of a caller can change an answer, as a text: callers of one text may share answers, others may not. Empty for a
 * caller without a token. It is JSON, since names joined by a separator can be made to look like others.
 *
 * @example identityProjection({ sub: 'u1', scopes: ['b', 'a'], roles: [] }) // '["u1",["a","b"],[]]'
 */
export function identityProjection(principal: Principal): string {
  const known = projections.get(principal);
  if (known !== undefined) return known;
  const projection = project(principal);
  projections.set(principal, projection);
  return projection;
}

// A principal is one object for as long as its token is in use.
const projections = new WeakMap<Principal, string>();

const project = ({ sub, scopes, roles }: Principal): string =>
  sub === undefined && scopes.length === 0 && roles.length === 0
    ? ''
    : JSON.stringify([sub ?? null, sortedSet(scopes), sortedSet(roles)]);

const sortedSet = (names: readonly string[]): readonly string[] => [...new Set(names)].toSorted();
