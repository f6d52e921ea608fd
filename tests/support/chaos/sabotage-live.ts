import type { RunOperation } from '../../../gateway/src/subscriptions/operation-request.ts';
import { EventFeed } from '../../../gateway/src/subscriptions/feed/event-feed.ts';
import type { SharedResult, SubscriberSink } from '../../../gateway/src/subscriptions/subscriber-sink.ts';

/**
 * Makes a mistake in this process that keeps something, or somebody; none for a name that it does not know.
 *
 * @returns what to put around whatever runs operations
 */
export function sabotageLive(sabotage: string): (run: RunOperation) => RunOperation {
  switch (sabotage) {
    case 'one unfollow of a hundred is forgotten':
      forgetUnfollows();
      return (run) => run;
    case 'subscribers are remembered':
      return rememberSubscribers;
    case 'all wait for the slowest':
      return waitForTheSlowest;
    default:
      return (run) => run;
  }
}

function forgetUnfollows(): void {
  const { follow } = EventFeed.prototype;
  let count = 0;
  EventFeed.prototype.follow = function followForEver(...args) {
    const unfollow = follow.apply(this, args);
    count += 1;
    return count % 100 === 0 ? () => {} : unfollow;
  };
}

const rememberSubscribers = (run: RunOperation): RunOperation => {
  const remembered = new Set<SubscriberSink>();
  return (request, sink) => {
    remembered.add(sink);
    return run(request, sink);
  };
};

/** Whoever reads slowly holds everybody up for a while, each time. */
const waitForTheSlowest = (run: RunOperation): RunOperation => {
  let heldUntil = 0;
  const hold = (sink: SubscriberSink): SubscriberSink => ({
    next: (result: SharedResult) => {
      const waitMs = heldUntil - performance.now();
      if (waitMs > 0) {
        setTimeout(() => sink.next(result), waitMs);
        return true;
      }
      const takesMore = sink.next(result);
      if (!takesMore) heldUntil = performance.now() + 120;
      return true;
    },
    end: () => sink.end(),
    error: (errors) => sink.error(errors),
  });
  return (request, sink) => run(request, hold(sink));
};
