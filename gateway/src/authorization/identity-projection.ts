import type { Principal } from '../identity/principal.ts';
import { onceForEach } from '../once-for-each.ts';

/**
 * What of a caller can change an answer, as a text: callers of one text may share answers, others may not. Empty for a
 * caller without a token. It is JSON, since names joined by a separator can be made to look like others.
 * It is made once, since a principal is one object for as long as its token is in use.
 *
 * @example identityProjection({ sub: 'u1', scopes: ['b', 'a'], roles: [] }) // '["u1",["a","b"],[]]'
 */
export const identityProjection = onceForEach(({ sub, scopes, roles }: Principal): string =>
  sub === undefined && scopes.length === 0 && roles.length === 0
    ? ''
    : JSON.stringify([sub ?? null, sortedSet(scopes), sortedSet(roles)]),
);

/** Whether somebody may still do by one token all that another allowed. */
export const keepsRights = (before: Principal, after: Principal): boolean =>
  before.sub === after.sub &&
  before.scopes.every((scope) => after.scopes.includes(scope)) &&
  before.roles.every((role) => after.roles.includes(role));

const sortedSet = (names: readonly string[]): readonly string[] => [...new Set(names)].toSorted();
