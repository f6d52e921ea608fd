import { formatError } from '../../gateway/src/errors/format-error.ts';
import { BadRequest } from '../../gateway/src/errors/gateway-errors.ts';
import type { Principal } from '../../gateway/src/identity/principal.ts';
import type { OperationRequest, RunOperation } from '../../gateway/src/subscriptions/operation-request.ts';
import { writeOpening } from '../../gateway/src/subscriptions/shared-result.ts';
import type { SubscriberSink } from '../../gateway/src/subscriptions/subscriber-sink.ts';

/** An operation that a transport began. */
export interface FakeOperation {
  readonly request: OperationRequest;
  readonly sink: SubscriberSink;
  readonly principals: readonly Principal[];
  /** What went on to subgraphs, at first and after each new token. */
  readonly forwarded: readonly OperationRequest['forwardedHeaders'][];
  readonly isStopped: boolean;
  /** How often the transport said that it reads again. */
  readonly resumed: number;
  /** Sends a result; false when the transport takes no more for now. */
  next(data: unknown, cursor?: string): boolean;
  /** Says where the operation begins. */
  open(cursor: string): void;
}

export interface FakeOperations {
  readonly run: RunOperation;
  readonly all: readonly FakeOperation[];
  /** Resolves when so many have begun. */
  begun(count: number): Promise<readonly FakeOperation[]>;
  /** Resolves when so many were stopped. */
  stopped(count: number): Promise<void>;
  /** Lets queries wait until it is called. */
  hold(): () => void;
}

/**
 * What transports are tested against: `subscription …` stays open and sends what the test says, `query …` answers with its
 * variables, anything else is refused.
 */
export function createFakeOperations(): FakeOperations {
  const all: FakeOperation[] = [];
  const waiting: { isMet: () => boolean; resolve: () => void }[] = [];
  const tell = () => waiting.filter(({ isMet }) => isMet()).forEach(({ resolve }) => resolve());
  const until = (isMet: () => boolean) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    waiting.push({ isMet, resolve });
    tell();
    return promise;
  };
  let held: Promise<void> | undefined;

  const run: RunOperation = async (request, sink) => {
    const { query, variables, extensions } = request.params as Record<string, unknown>;
    const principals = 'principal' in request.caller ? [request.caller.principal] : [];
    const forwarded = [request.forwardedHeaders];
    const state = { isStopped: false, resumed: 0 };
    const operation: FakeOperation = {
      request,
      sink,
      principals,
      forwarded,
      get isStopped() {
        return state.isStopped;
      },
      get resumed() {
        return state.resumed;
      },
      next: (data, cursor) => {
        const event = cursor === undefined ? {} : { extensions: { event: { cursor } } };
        return sink.next({ bytes: Buffer.from(JSON.stringify({ data, ...event })), cursor });
      },
      open: (cursor) => void sink.next(writeOpening(cursor)),
    };
    all.push(operation);
    tell();
    const isSubscription = String(query).startsWith('subscription');
    if (String(query).startsWith('query')) {
      await held;
      operation.next({ variables, extensions });
      sink.end();
    } else if (!isSubscription) {
      const options = { requestId: request.requestId, isDevelopment: false };
      sink.error([formatError(new BadRequest('This is refused'), options)]);
    }
    return {
      isOpen: isSubscription,
      resumeReading: () => void (state.resumed += 1),
      refresh: (caller) => {
        principals.push(caller.principal);
        forwarded.push(caller.forwardedHeaders);
      },
      stop: () => {
        state.isStopped = true;
        tell();
      },
    };
  };

  return {
    run,
    all,
    begun: async (count) => {
      await until(() => all.length >= count);
      return all;
    },
    stopped: (count) => until(() => all.filter(({ isStopped }) => isStopped).length >= count),
    hold: () => {
      const { promise, resolve } = Promise.withResolvers<void>();
      held = promise;
      return resolve;
    },
  };
}
