import type { OutboxStore } from './outbox-store.ts';
import { pause } from './pause.ts';
import type { RelayOptions } from './relay-options.ts';
import { createSender } from './sender.ts';
import type { WakeUp } from './wake-up.ts';

/** How soon to look again for events that an older transaction still hides; twice as late each time, to a bound. */
const hiddenMs = { first: 5, most: 160 } as const;
const pruneLimit = 1000;

/** Leads until it is told to stop, or its connection is lost. */
export async function lead(
  store: OutboxStore,
  options: RelayOptions,
  wakeUp: WakeUp,
  signal: AbortSignal,
): Promise<void> {
  const { batchSize = 500, checkMs = 1000, retryMs = 250, keepMs = 86_400_000, onStep, onSent } = options;
  const sender = createSender(store, options);
  let isInStep = false;
  let checkAt = 0;
  let nextHiddenMs: number = hiddenMs.first;
  while (!signal.aborted) {
    if (!isInStep || performance.now() >= checkAt) {
      isInStep = await sender.catchUp();
      if (!isInStep) {
        await pause(retryMs, signal);
        continue;
      }
      await store.prune(keepMs, pruneLimit);
      checkAt = performance.now() + checkMs;
    }
    await onStep?.('reading');
    const placed = await store.place(batchSize);
    if (placed.length > 0) {
      await onStep?.('placed');
      isInStep = await sender.send(placed);
      if (isInStep) onSent?.(placed.length);
    }
    if (placed.length === batchSize || !isInStep) continue;
    if (placed.length > 0) nextHiddenMs = hiddenMs.first;
    const untilCheckMs = Math.max(0, checkAt - performance.now());
    if (await store.hasUnplaced()) {
      await wakeUp.wait(Math.min(nextHiddenMs, untilCheckMs));
      nextHiddenMs = Math.min(2 * nextHiddenMs, hiddenMs.most);
    } else {
      await wakeUp.wait(untilCheckMs);
    }
  }
}
