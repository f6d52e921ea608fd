/**
 * An array as PostgreSQL writes it. The driver can do that only when it asks every new connection for the types, and a
 * connection that is cut meanwhile ends the process: the driver leaves that error to nobody.
 *
 * @example writeArray(['a', '"']) // '{"a","\\""}'
 */
export const writeArray = (texts: readonly string[]): string =>
  `{${texts.map((text) => `"${text.replaceAll(/["\\]/g, '\\$&')}"`).join(',')}}`;
