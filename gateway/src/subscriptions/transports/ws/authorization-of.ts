/**
 * What a client says of itself when it connects, in the places where clients put it: `authorization` as in HTTP, as a
 * header among `headers`, or the bare token as `authToken`.
 *
 * @example authorizationOf({ authToken: 'eyJ…' }) // 'Bearer eyJ…'
 */
export function authorizationOf(payload: Readonly<Record<string, unknown>> = {}): string | undefined {
  const { authToken, headers } = payload;
  if (isGiven(authToken)) return `Bearer ${String(authToken).trim()}`;
  return headerIn(payload) ?? (isObject(headers) ? headerIn(headers) : undefined);
}

function headerIn(entries: Readonly<Record<string, unknown>>): string | undefined {
  const name = Object.keys(entries).find((key) => key.toLowerCase() === 'authorization');
  const value = name === undefined ? undefined : entries[name];
  // Without the spaces around it, as HTTP reads it. What is no text is wrong, and a wrong one is never taken for none.
  return isGiven(value) ? String(value).trim() : undefined;
}

/** Clients send `null` for nobody. */
const isGiven = (value: unknown): boolean => value !== undefined && value !== null;

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
