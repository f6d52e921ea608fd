import type { FormattedExecutionResult } from 'graphql';

import { unreadTextOf } from './ready-data.ts';

/**
 * Writes an answer as Apollo Server does, without parsing and printing again what the engine has printed already. For
 * the option of the same name; with any other function there the answers are the same and cost more.
 *
 * @example new ApolloServer({ gateway: createApolloGateway({ supergraph }), stringifyResult })
 */
export function stringifyResult(result: FormattedExecutionResult): string {
  const data = unreadTextOf(result.data);
  if (data === undefined) return `${JSON.stringify(result)}\n`;
  // Most answers have nothing beside their data.
  if (result.errors === undefined && result.extensions === undefined) return `{"data":${data}}\n`;
  const members = Object.entries(result)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${JSON.stringify(key)}:${key === 'data' ? data : JSON.stringify(value)}`);
  return `{${members.join(',')}}\n`;
}
