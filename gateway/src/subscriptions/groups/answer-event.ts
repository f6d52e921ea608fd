import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

import type { Event } from '@tributary/event-log';

import { identityProjection } from '../../authorization/identity-projection.ts';
import type { EventAnswer, EventRequest } from '../../engine/engine.ts';
import type { Principal } from '../../identity/principal.ts';
import type { FetchContext, SubgraphAnswer } from '../../subgraph-client/subgraph-client.ts';
import { isInAudience } from './audience.ts';
import type { GroupHost } from './group-host.ts';
import type { PreparedSubscription } from '../prepared-subscription.ts';
import type { AnswerMembers } from '../shared-result.ts';

/** What callers of one identity get of an event; `withheld` when it is not for them, `revoked` when nothing is any more. */
export type GroupAnswer = AnswerMembers | 'gone' | 'foreign' | 'withheld' | 'revoked';

export interface EventToAnswer {
  readonly event: Event;
  /** Tells it from others; fetches for it are shared with nobody who asks for another reason. */
  readonly place: string;
  /** Shows its entity as it is now, whatever came with the event. */
  readonly isPast: boolean;
  readonly signal: AbortSignal;
}

/** Whom an answer is for, and all who are like him. */
export interface Caller {
  readonly principal: Principal;
  readonly host: GroupHost;
}

/** Answers an event for everybody who is like one caller. */
export async function answerEvent(
  { event, place, isPast, signal }: EventToAnswer,
  program: PreparedSubscription,
  caller: Caller,
): Promise<GroupAnswer> {
  const { principal, host } = caller;
  if (!isInAudience(event.audience, principal)) return 'withheld';
  if (program.hasPolicies && !(await hasSameRights(program, principal))) return 'revoked';
  host.onAnswered();
  const request: EventRequest = {
    subject: { entity: event.entity, fields: isPast ? undefined : event.data },
    // Somebody decided who may see it, so nobody is to see it as anybody.
    identifies: event.audience !== undefined,
    variables: program.variables,
    coercedVariables: program.coercedVariables,
    fetchContext: contextFor({ id: event.id, place, signal }, program, caller),
  };
  return answerSafely({ id: event.id, signal }, host, () =>
    answerPatiently(program, request, { host, signal }),
  );
}

/** An event whose subgraph is away for a moment is not lost to those who wait for it. */
async function answerPatiently(
  { executable }: PreparedSubscription,
  request: EventRequest,
  { host, signal }: { readonly host: GroupHost; readonly signal: AbortSignal },
): Promise<EventAnswer> {
  for (const delayMs of host.retryDelaysMs) {
    const answered = await executable.answerEvent(request);
    if (typeof answered === 'string' || !answered.isUnreachable) return answered;
    await sleep(delayMs, undefined, { signal });
  }
  return executable.answerEvent(request);
}

/** Answers with what a subgraph has published by itself. */
export async function answerResult(
  result: SubgraphAnswer,
  program: PreparedSubscription,
  { signal, ...caller }: Caller & { readonly signal: AbortSignal },
): Promise<GroupAnswer> {
  const id = randomUUID();
  return answerSafely({ id, signal }, caller.host, () =>
    program.executable.answerResult(result, {
      variables: program.variables,
      coercedVariables: program.coercedVariables,
      fetchContext: contextFor({ id, place: id, signal }, program, caller),
    }),
  );
}

interface FetchOccasion {
  readonly id: string;
  readonly place: string;
  readonly signal: AbortSignal;
}

const contextFor = (
  { id, place, signal }: FetchOccasion,
  { request }: PreparedSubscription,
  { principal, host }: Caller,
): FetchContext => ({
  requestId: id,
  identityFor: (subgraph) => host.signIdentity(principal, subgraph),
  identityProjection: identityProjection(principal),
  headers: request.forwardedHeaders,
  occasion: place,
  signal,
});

/** Makes a result of whatever comes: a subscription goes on after an event that could not be answered. */
async function answerSafely(
  { id, signal }: Pick<FetchOccasion, 'id' | 'signal'>,
  host: GroupHost,
  answer: () => Promise<EventAnswer>,
): Promise<GroupAnswer> {
  const report = host.report(id);
  try {
    const answered = await answer();
    if (typeof answered === 'string') return answered;
    return { data: answered.data, errors: textOf(report.report(answered.errors)) };
  } catch (error: unknown) {
    // Nobody is there any more to be told.
    if (signal.aborted) return 'foreign';
    return { data: 'null', errors: textOf(report.report([error])) };
  } finally {
    report.log();
  }
}

const textOf = (errors: readonly { readonly formatted: unknown }[]): string | undefined =>
  errors.length === 0 ? undefined : JSON.stringify(errors.map(({ formatted }) => formatted));

/** Policies are evaluated anew: what they granted may have been taken back. */
async function hasSameRights(
  { generation: { authorizer }, operation, refusals }: PreparedSubscription,
  principal: Principal,
): Promise<boolean> {
  const now = await authorizer.refusalsFor(authorizer.needsOf(operation.document), principal);
  return now?.key === refusals?.key;
}
