import type { Audience } from '@tributary/event-log';

import type { Principal } from '../../identity/principal.ts';

/** Whether an event is for somebody; one without an audience is for everybody. */
export function isInAudience(audience: Audience | undefined, { sub, roles }: Principal): boolean {
  if (!audience) return true;
  const { principals = [], roles: allowed = [] } = audience;
  return (sub !== undefined && principals.includes(sub)) || roles.some((role) => allowed.includes(role));
}
