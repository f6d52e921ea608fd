// What JSON must escape; a lone surrogate too, since it has no UTF-8.
// oxlint-disable-next-line no-control-regex
const needsEscape = /["\\\u0000-\u001f\ud800-\udfff]/;

/** The JSON text of a string; most need no escape, and finding that out costs less than `JSON.stringify`. */
export const stringText = (value: string): string =>
  needsEscape.test(value) ? JSON.stringify(value) : `"${value}"`;

/** The JSON text of any value that came from JSON. */
export const jsonText = (value: unknown): string =>
  typeof value === 'string' ? stringText(value) : JSON.stringify(value);
