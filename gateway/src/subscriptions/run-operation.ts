import { runInRequest } from '@tributary/telemetry';

import type { CancelSignal } from '../cancellation.ts';
import { Cleanup } from '../cleanup.ts';
import { BadRequest } from '../errors/gateway-errors.ts';
import { statusOfRefusal } from '../http/http-status.ts';
import type { RequestObserver } from '../observers/access-log.ts';
import { RequestErrors } from '../operations/coerce-variables.ts';
import { ErrorReport, type ErrorReportOptions } from '../pipeline/error-report.ts';
import { execute, type ExecuteOptions } from '../pipeline/execute.ts';
import { identify, type IdentifyOptions } from '../pipeline/identify.ts';
import {
  stageNames,
  type Accepted,
  type Executed,
  type Identified,
  type Planned,
  type RemoteCall,
  type StageName,
} from '../pipeline/stages.ts';
import { startDeadline } from '../start-deadline.ts';
import type { RunningSupergraph } from '../supergraph/start-supergraph.ts';
import type { OperationRequest, RunOperation, SubscriptionHandle } from './operation-request.ts';
import type { PrepareOperation } from './prepare-operation.ts';
import { prepareSubscription } from './prepared-subscription.ts';
import { readParams, readResume } from './read-params.ts';
import { writeResult } from './shared-result.ts';
import type { SubscriberSink } from './subscriber-sink.ts';
import type { Subscriber } from './subscriber.ts';
import type { Subscriptions } from './subscriptions.ts';

export interface RunOperationOptions extends IdentifyOptions, ExecuteOptions, ErrorReportOptions {
  readonly supergraph: Pick<RunningSupergraph, 'current'>;
  readonly prepareOperation: PrepareOperation;
  readonly subscriptions: Subscriptions;
  readonly observers: readonly RequestObserver[];
  /** Within this a query is answered and a subscription begins. */
  readonly requestTimeoutMs: number;
}

/** How far an operation came, for those who watch. */
interface Progress {
  readonly call: RemoteCall;
  readonly stagesMs: number[];
  reached: Partial<Executed>;
  bytes: number;
  error?: unknown;
  /** The client went before it had an answer. */
  hasLeft: boolean;
}

// As for a request; never sent.
const clientClosedRequest = 499;

/** Runs operations for transports that hold connections open: the stages are those of HTTP, the way in and out is not. */
export function createRunOperation(options: RunOperationOptions): RunOperation {
  const runner = new OperationRunner(options);
  return (request, sink) => runInRequest({ requestId: request.requestId }, () => runner.run(request, sink));
}

class OperationRunner {
  readonly #options: RunOperationOptions;
  readonly #identify: ReturnType<typeof identify>;
  readonly #execute: ReturnType<typeof execute>;

  constructor(options: RunOperationOptions) {
    this.#options = options;
    this.#identify = identify(options);
    this.#execute = execute(options);
  }

  async run(request: OperationRequest, sink: SubscriberSink): Promise<SubscriptionHandle> {
    const startedAt = performance.now();
    const progress: Progress = {
      call: this.#openCall(request),
      stagesMs: stageNames.map(() => -1),
      reached: {},
      bytes: 0,
      hasLeft: false,
    };
    const report = new ErrorReport(request.requestId, this.#options);
    let subscriber: Subscriber | undefined;
    try {
      subscriber = await this.#answer(request, sink, { progress, report });
    } catch (error: unknown) {
      progress.error = error;
      progress.hasLeft = request.signal.aborted;
      // Where the client left, nobody reads an answer, and what that broke is nobody's mistake.
      if (!progress.hasLeft)
        sink.error(report.report(error instanceof RequestErrors ? error.errors : [error]));
    } finally {
      // A subscription has taken over what it needs.
      await progress.call.cleanup.run();
      report.log();
    }
    this.#observe(progress, report, performance.now() - startedAt);
    return subscriber ? this.#handleOf(subscriber, request.signal) : closed;
  }

  async #answer(
    request: OperationRequest,
    sink: SubscriberSink,
    { progress, report }: { readonly progress: Progress; readonly report: ErrorReport },
  ): Promise<Subscriber | undefined> {
    const lap = createLap(progress.stagesMs);
    const accepted = accept(request, progress.call);
    lap('accept');
    const { caller } = request;
    const identified: Identified =
      'principal' in caller ? { ...accepted, principal: caller.principal } : await this.#identify(accepted);
    progress.reached = identified;
    lap('identify');
    const planned = await this.#options.prepareOperation(identified, lap);
    progress.reached = planned;
    if (planned.operation.type === 'subscription' && planned.executable.subscription) {
      return this.#subscribe(planned, request.client, sink);
    }
    refuseWithoutEngine(planned);
    const executed = await this.#execute(planned);
    progress.reached = executed;
    lap('execute');
    // A root field that the caller may not see: there is nothing to listen to.
    if (planned.operation.type === 'subscription') throw new RequestErrors(executed.answer.errors);
    const formatted = report.report(executed.answer.errors);
    const errors =
      formatted.length === 0 ? undefined : JSON.stringify(formatted.map((each) => each.formatted));
    const result = writeResult({ data: executed.answer.data, errors }, undefined);
    progress.bytes = result.bytes.length;
    if (request.signal.aborted) return undefined;
    sink.next(result);
    sink.end();
    lap('write');
    return undefined;
  }

  async #subscribe(planned: Planned, who: object, sink: SubscriberSink): Promise<Subscriber | undefined> {
    const { subscriptions, supergraph } = this.#options;
    const { call, params, principal, forwardedHeaders, executable } = planned;
    const { subscription } = executable;
    if (!subscription) return undefined;
    const resume = readResume(params);
    const prepared = prepareSubscription(planned, subscription);
    return subscriptions.open(
      {
        prepared,
        request: { params, forwardedHeaders },
        principal,
        resume,
        who,
        signal: call.signal,
        isCurrent: ({ generation }) => generation === supergraph.current(),
      },
      sink,
    );
  }

  #openCall({ requestId, traceparent, signal, client }: OperationRequest): RemoteCall {
    const cleanup = new Cleanup();
    const deadline = startDeadline(this.#options.requestTimeoutMs, signal);
    cleanup.defer(() => deadline.stop());
    return {
      requestId,
      traceparent,
      signal: deadline.signal,
      cleanup,
      defers: false,
      debug: undefined,
      client,
    };
  }

  #handleOf(subscriber: Subscriber, signal: CancelSignal): SubscriptionHandle {
    const { subscriptions } = this.#options;
    const onAbort = () => subscriber.stop();
    signal.addEventListener('abort', onAbort);
    subscriber.onClose(() => signal.removeEventListener('abort', onAbort));
    if (signal.aborted) onAbort();
    return {
      get isOpen() {
        return subscriber.isOpen;
      },
      resumeReading: () => subscriber.resumeReading(),
      refresh: (caller) => void subscriptions.refresh(subscriber, caller),
      stop: () => subscriber.stop(),
    };
  }

  #observe(progress: Progress, report: ErrorReport, durationMs: number) {
    const { call, reached, stagesMs, bytes, error } = progress;
    const status = statusOf(progress, report);
    const { codes } = report;
    for (const observe of this.#options.observers) {
      observe({ exchange: call, reached, error, status, bytes, codes, stagesMs, durationMs });
    }
  }
}

function statusOf({ hasLeft, error }: Progress, { codes: [code] }: ErrorReport): number {
  if (hasLeft) return clientClosedRequest;
  if (error === undefined) return 200;
  return statusOfRefusal(code ?? 'INTERNAL_SERVER_ERROR', error, 'application/graphql-response+json');
}

const closed: SubscriptionHandle = {
  isOpen: false,
  resumeReading: () => undefined,
  refresh: () => undefined,
  stop: () => undefined,
};

const accept = (request: OperationRequest, call: RemoteCall): Accepted => ({
  call,
  params: readParams(request.params),
  authorization: 'principal' in request.caller ? undefined : request.caller.authorization,
  forwardedHeaders: request.forwardedHeaders,
  isReadOnly: request.isReadOnly ?? false,
  streams: true,
});

function refuseWithoutEngine({ operation, generation }: Planned): void {
  if (operation.type !== 'subscription' || generation.engine.subscribes) return;
  throw new BadRequest('Expected a query or a mutation, but got a subscription: this engine has none');
}

/** Notes how long each stage took since the one before. */
function createLap(stagesMs: number[]): (name: StageName) => void {
  let begunAt = performance.now();
  return (name) => {
    const endedAt = performance.now();
    stagesMs[stageNames.indexOf(name)] = endedAt - begunAt;
    begunAt = endedAt;
  };
}
