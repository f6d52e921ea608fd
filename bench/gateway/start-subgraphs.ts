import { fileURLToPath } from 'node:url';

import type { TokenIssuer } from '../support/client-tokens.ts';
import type { Cores } from '../support/cores.ts';
import type { RunScope } from '../support/run-scope.ts';
import { startProcess } from '../support/start-process.ts';
import type { FetchCount, SubgraphsReady } from './servers/subgraphs.ts';

/** The subgraphs of all graphs, listening. */
export interface RunningSubgraphs {
  /** Where each of them listens, by name. */
  readonly urls: Readonly<Record<string, string>>;
  /** The public keys that tokens are checked with. */
  readonly jwksUrl: string;
  /** How many requests they got since the last time that somebody asked. */
  countFetches(): Promise<number>;
}

/** Starts the subgraphs in a process of their own. */
export async function startSubgraphs(
  scope: RunScope,
  cores: Cores,
  { jwks }: TokenIssuer,
): Promise<RunningSubgraphs> {
  const subgraphs = startProcess(scope, {
    name: 'subgraphs',
    core: cores.around,
    args: [fileURLToPath(new URL('servers/subgraphs.ts', import.meta.url)), JSON.stringify(jwks)],
    env: { NODE_ENV: 'production' },
  });
  const { urls } = await Promise.race([subgraphs.message<SubgraphsReady>(), subgraphs.ended]);
  const countFetches = async () => {
    const answer = subgraphs.message<FetchCount>();
    subgraphs.send({ type: 'count' });
    return (await Promise.race([answer, subgraphs.ended])).fetches;
  };
  return { urls, jwksUrl: new URL('/.well-known/jwks.json', urls['users']).href, countFetches };
}
