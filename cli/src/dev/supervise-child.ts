import type { WriteStream } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

import { createBackoff } from './backoff.ts';
import { DevError } from './dev-error.ts';
import type { Reporter } from './reporter.ts';
import { startChild, type Child, type ChildEnd, type ChildPlan } from './start-child.ts';

/** A child that is started again whenever it ends, until it is stopped. */
export interface SupervisedChild {
  readonly name: string;
  /** Where it answers, the first time that it does. */
  readonly ready: Promise<string>;
  readonly kill: () => void;
  readonly stop: () => Promise<void>;
}

/** Longer than a child's own deadline for draining, which it should have the chance to keep. */
const stopMs = 12_000;

/**
 * Keeps a child running. One that ends before it has ever been ready is not started again, since what is wrong then
 * does not pass by itself: `ready` rejects.
 */
export function superviseChild(plan: ChildPlan, log: WriteStream, report: Reporter): SupervisedChild {
  const stopping = new AbortController();
  const start = () => startChild(plan, log, (line) => report.relay(plan.name, line));
  let child = start();

  const ready = expectReady(plan.name, child);
  ready.catch(() => {}); // whoever waits for it gets it; nobody may be waiting any more
  const restartAfterEnds = async () => {
    const nextWaitMs = createBackoff();
    for (;;) {
      const end = await child.ended;
      if (stopping.signal.aborted) return;
      const waitMs = nextWaitMs(end.ranMs);
      report.say(`${plan.name} ${describeEnd(end)}: it is started again in ${waitMs / 1000} s`);
      await delay(waitMs, undefined, { signal: stopping.signal }).catch(() => {});
      if (stopping.signal.aborted) return;
      child = start();
      void sayWhenReady(plan.name, child, report);
    }
  };
  const watched = ready.then(restartAfterEnds, () => {});
  return {
    name: plan.name,
    ready,
    kill: () => child.kill('SIGKILL'),
    stop: async () => {
      stopping.abort();
      await stopChild(child);
      await watched;
      log.end();
    },
  };
}

async function sayWhenReady(name: string, child: Child, report: Reporter): Promise<void> {
  const url = await child.ready;
  if (url !== undefined) report.say(`${name} answers again at ${url}`);
}

async function expectReady(name: string, child: Child): Promise<string> {
  const url = await child.ready;
  if (url !== undefined) return url;
  // It has said why: its own line stands right above this one.
  throw new DevError(
    `${name} ${describeEnd(await child.ended)} before it was ready: nothing is left running`,
  );
}

async function stopChild(child: Child): Promise<void> {
  child.kill('SIGTERM');
  const timer = new AbortController();
  const late = delay(stopMs, 'late' as const, { signal: timer.signal }).catch(() => undefined);
  if ((await Promise.race([child.ended, late])) === 'late') child.kill('SIGKILL');
  await child.ended;
  timer.abort();
}

const describeEnd = ({ code, signal }: ChildEnd): string =>
  signal ? `was ended by ${signal}` : `ended with exit code ${code}`;
