import { quote } from '../quote.ts';

/** The JSON text of any value that came from JSON. */
export const jsonText = (value: unknown): string =>
  typeof value === 'string' ? quote(value) : JSON.stringify(value);
