/**
 * A pattern for `like` and `ilike` that finds a text anywhere, whatever characters it has.
 *
 * @example containsPattern('100%') // '%100\\%%'
 */
export const containsPattern = (text: string): string => `%${text.replaceAll(/[\\%_]/g, '\\$&')}%`;
