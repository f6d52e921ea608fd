import type { Principal } from '../identity/principal.ts';

/**
 * What of a caller can change an answer, as a text: callers of equal text may share answers, no others may. Empty for a
 * caller without a token. It is JSON, since names joined by a separator can be made to look like others.
 *
 * @example identityProjection({ sub: 'u1', scopes: ['b', 'a'], roles: [] }) // '["u1",["a","b"],[]]'
 */
export function identityProjection({ sub, scopes, roles }: Principal): string {
  if (sub === undefined && scopes.length === 0 && roles.length === 0) return '';
  return JSON.stringify([sub ?? null, sortedSet(scopes), sortedSet(roles)]);
}

const sortedSet = (names: readonly string[]): readonly string[] => [...new Set(names)].toSorted();
