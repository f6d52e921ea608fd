import type { Logger } from '@tributary/telemetry';

import { stageNames, type StageName } from '../pipeline/stages.ts';
import type { RequestObserver } from './access-log.ts';

export interface OverheadWarningOptions {
  readonly logger: Pick<Logger, 'warn'>;
  /** Above which part of the time of all requests the gateway's own work is too much; 100 never warns. */
  readonly percent: number;
  /** @default performance.now */
  readonly now?: () => number;
}

const windowMs = 60_000;

// The first requests of a process are prepared for all that follow, and a handful says nothing.
const fewestRequests = 100;

// How fast a body arrives is up to the client.
const isNotOurs: ReadonlySet<StageName> = new Set(['accept', 'execute']);

/**
 * Warns when making requests ready and writing their answers takes a large part of the time that they take: then clients
 * send operations that nobody sent before, or answers that are too large. At most once a minute, about that minute.
 */
export function createOverheadWarning({
  logger,
  percent,
  now = () => performance.now(),
}: OverheadWarningOptions): RequestObserver {
  let since = now();
  let requests = 0;
  const totalsMs = stageNames.map(() => 0);

  const conclude = () => {
    const total = sum(totalsMs);
    const own = sum(totalsMs.filter((_, index) => !isNotOurs.has(stageNames[index] as StageName)));
    const share = total === 0 ? 0 : (own / total) * 100;
    if (requests < fewestRequests || share <= percent) return;
    const stages = stageNames.map((name, index) => [name, toPercent(totalsMs[index] ?? 0, total)] as const);
    logger.warn(
      { requests, percent: Math.round(share), stages: Object.fromEntries(stages) },
      'preparing requests and writing answers takes a large part of their time',
    );
  };

  return ({ stagesMs }) => {
    requests += 1;
    for (let index = 0; index < totalsMs.length; index += 1) {
      const ms = stagesMs[index] ?? 0;
      if (ms > 0) (totalsMs[index] as number) += ms;
    }
    const at = now();
    if (at - since < windowMs) return;
    conclude();
    since = at;
    requests = 0;
    totalsMs.fill(0);
  };
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

const toPercent = (part: number, whole: number): number => Math.round((part / whole) * 100);
