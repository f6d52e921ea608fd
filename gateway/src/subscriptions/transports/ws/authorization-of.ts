/**
 * What a client says of itself when it connects, in the places where clients put it: `authorization` as in HTTP, as a
 * header among `headers`, or the bare token as `authToken`.
 *
 * @example authorizationOf({ authToken: 'eyJ…' }) // 'Bearer eyJ…'
 */
export function authorizationOf(payload: Readonly<Record<string, unknown>> = {}): string | undefined {
  const { authToken, headers } = payload;
  if (typeof authToken === 'string') return `Bearer ${authToken}`;
  return headerIn(payload) ?? (isObject(headers) ? headerIn(headers) : undefined);
}

function headerIn(entries: Readonly<Record<string, unknown>>): string | undefined {
  const name = Object.keys(entries).find((key) => key.toLowerCase() === 'authorization');
  const value = name === undefined ? undefined : entries[name];
  return typeof value === 'string' ? value : undefined;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
