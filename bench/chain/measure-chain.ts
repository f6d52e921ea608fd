import type { RunScope } from '../support/run-scope.ts';
import { runWrk } from '../support/wrk.ts';
import { checkSocialAnswer, socialQuery } from './social-query.ts';
import type { Chain } from './start-chain.ts';

/** What one round of a chain cost. */
export interface ChainFigures {
  /** CPU seconds for 1,000 requests of each process, and `total`. */
  readonly cpuSecondsPer1k: Readonly<Record<string, number>>;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly rps: number;
  readonly sqlPerRequest: number;
}

export interface Load {
  readonly connections: number;
  readonly seconds: number;
  /** The file with the request. */
  readonly bodies: string;
}

/** Puts a chain under load and counts what that cost it. */
export async function measureChain(scope: RunScope, chain: Chain, load: Load): Promise<ChainFigures> {
  const before = { cpu: chain.cpuSeconds(), statements: await chain.countStatements() };
  const { requests, rps, p50Ms, p99Ms } = await runWrk(scope, { url: chain.url, ...load });
  const after = { cpu: chain.cpuSeconds(), statements: await chain.countStatements() };
  const costs = Object.entries(after.cpu).map(
    ([name, seconds]) => [name, (1000 * (seconds - (before.cpu[name] ?? 0))) / requests] as const,
  );
  const total = costs.reduce((sum, [, cost]) => sum + cost, 0);
  return {
    cpuSecondsPer1k: { ...Object.fromEntries(costs), total },
    p50Ms,
    p99Ms,
    rps,
    sqlPerRequest: (after.statements - before.statements) / requests,
  };
}

const startTimeoutMs = 30_000;
const pollMs = 100;

/**
 * Waits until a chain answers, and looks at what it says: figures of wrong answers are worth nothing.
 *
 * @throws {Error} for an answer that is not whole
 */
export async function awaitAnswer({ url }: Chain, signal: AbortSignal): Promise<void> {
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(startTimeoutMs)]);
  for (;;) {
    const answer = await ask(url, deadline).catch((error: unknown) => String(error));
    if (typeof answer !== 'string') return checkSocialAnswer(answer);
    if (deadline.aborted) throw new Error(`Expected an answer at ${url}, but got ${answer}`);
    // Nobody tells when a server of somebody else is ready.
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}

async function ask(url: string, signal: AbortSignal): Promise<unknown> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: socialQuery }),
    signal,
  });
  if (response.ok) return response.json();
  throw new Error(`${response.status} ${(await response.text()).slice(0, 300)}`);
}
