import type { FormattedExecutionResult } from 'graphql';

import { dataTextOf, unreadBodyOf } from './ready-data.ts';

/**
 * Writes an answer as Apollo Server does, without parsing and printing again what the engine has printed already. For
 * the option of the same name; with any other function there the answers are the same and cost more.
 *
 * @example new ApolloServer({ gateway: createApolloGateway({ supergraph }), stringifyResult })
 */
export function stringifyResult(result: FormattedExecutionResult): string {
  const body = unreadBodyOf(result.data);
  if (body === undefined) return `${JSON.stringify(result)}\n`;
  if (isDataAlone(result)) return body.toString();
  const members = Object.entries(result)
    .filter(([, value]) => value !== undefined)
    .map(
      ([key, value]) => `${JSON.stringify(key)}:${key === 'data' ? dataTextOf(body) : JSON.stringify(value)}`,
    );
  return `{${members.join(',')}}\n`;
}

/**
 * The same, and the bytes themselves where the answer is nothing but what the engine wrote. Apollo Server hands on what
 * this gives without a look, so it is for HTTP layers that write a Buffer as well as a string: `startThinServer`, the
 * standalone server, Express. One that needs a string, such as AWS Lambda, takes {@link stringifyResult}.
 *
 * @example new ApolloServer({ gateway, stringifyResult: handOverResult })
 * @returns a Buffer where the types say string: Apollo Server has no type for it
 */
export function handOverResult(result: FormattedExecutionResult): string {
  const body = unreadBodyOf(result.data);
  return body !== undefined && isDataAlone(result) ? (body as unknown as string) : stringifyResult(result);
}

/** Most answers have nothing beside their data. */
const isDataAlone = ({ errors, extensions }: FormattedExecutionResult): boolean =>
  errors === undefined && extensions === undefined;
