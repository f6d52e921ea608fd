import { createHash } from 'node:crypto';

import { eventSourcesOf, type EventScope, type EventSource } from '@tributary/directives';
import { assertChannelPattern, ChannelTrie, InvalidEvent, type Event } from '@tributary/event-log';
import type { DocumentNode } from 'graphql';

import type { KeyedRefusals } from '../authorization/create-authorizer.ts';
import { identityProjection } from '../authorization/identity-projection.ts';
import type { ExecutableSubscription } from '../engine/engine.ts';
import { BadUserInput } from '../errors/gateway-errors.ts';
import { onceForEach } from '../once-for-each.ts';
import type { Operation } from '../operations/prepare-document.ts';
import type { GraphQLParams, Planned } from '../pipeline/stages.ts';
import type { Generation } from '../supergraph/generation.ts';
import type { FollowedChannel } from './feed/event-feed.ts';
import { subscriptionFieldOf } from './subscription-field.ts';

/** What subscribers of one group have asked for, in their own words: enough to ask it of another supergraph. */
export interface GroupRequest {
  readonly params: GraphQLParams;
  readonly forwardedHeaders: Readonly<Record<string, string>> | undefined;
}

/** A subscription on one supergraph, for all callers who are answered alike. */
export interface PreparedSubscription {
  /** The same for two callers who may share every answer. */
  readonly key: string;
  readonly request: GroupRequest;
  readonly generation: Generation;
  readonly operation: Operation;
  /** The name of the field that it selects. */
  readonly field: string;
  readonly executable: ExecutableSubscription;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly coercedVariables: Readonly<Record<string, unknown>>;
  readonly refusals: KeyedRefusals | undefined;
  /** What is followed in the event log; `undefined` where the subgraph publishes results by itself. */
  readonly channels: readonly FollowedChannel[] | undefined;
  readonly scope: EventScope;
  /** Whether only callers of one identity are answered alike. */
  readonly isBound: boolean;
  /** Whether some callers may see less than others. */
  readonly hasRequirements: boolean;
  /** Whether what the caller may see can change while the token holds. */
  readonly hasPolicies: boolean;
  /** Whether an event of the log is meant; of those that have come by one of its channels. */
  isMeant(event: Event): boolean;
  /** Lets go of the supergraph. */
  release(): void;
}

/**
 * Makes a subscription of an operation that was planned. It keeps its supergraph alive until it is released.
 *
 * @throws {CodedError} for arguments that name no channels
 */
export function prepareSubscription(
  planned: Planned,
  executable: ExecutableSubscription,
): PreparedSubscription {
  const { generation, operation, principal, coercedVariables, refusals, params, forwardedHeaders } = planned;
  const { authorizer } = generation;
  const field = subscriptionFieldOf(operation, generation.engine.schema, coercedVariables);
  const source = sourcesOf(generation.supergraph.document).get(field.name);
  const scope = { args: field.args, principal };
  const channels = source && followedChannels(source, scope);
  const needs = authorizer.needsOf(operation.document);
  const hasPolicies = needs.policies.length > 0;
  const isBound = executable.carriesIdentity || hasPolicies || (source !== undefined && namesCaller(source));
  const variables = declaredVariables(planned);
  return {
    key: keyOf([
      generation.supergraph.id,
      operation.hash,
      operation.name,
      variables,
      forwardedHeaders,
      refusals?.key,
      isBound ? identityProjection(principal) : undefined,
    ]),
    request: { params, forwardedHeaders },
    generation,
    operation,
    field: field.name,
    executable,
    variables,
    coercedVariables,
    refusals,
    channels,
    scope,
    isBound,
    hasRequirements: needs.requirements.length > 0,
    hasPolicies,
    isMeant: createMatcher(channels ?? [], scope),
    // Last, when nothing can fail any more.
    release: generation.lease(),
  };
}

const sourcesOf = onceForEach((supergraph: DocumentNode) => eventSourcesOf(supergraph));

const followedChannels = ({ channels }: EventSource, scope: EventScope): readonly FollowedChannel[] =>
  channels.flatMap(({ template, filter }) =>
    template.channelsFor(scope).map((pattern) => {
      refuseLongPattern(pattern);
      return { pattern, filter };
    }),
  );

function refuseLongPattern(pattern: string): void {
  try {
    assertChannelPattern(pattern);
  } catch (error: unknown) {
    if (!(error instanceof InvalidEvent)) throw error;
    throw new BadUserInput('Expected arguments that can name a channel, but one of them is too long');
  }
}

/** Whether which events are meant depends on who asks. */
const namesCaller = ({ channels }: EventSource): boolean =>
  channels.some(({ template, filter }) =>
    [...template.placeholders, ...(filter?.paths ?? [])].some(({ root }) => root === 'principal'),
  );

/** Those that the operation declares, in that order: others change nothing. */
const declaredVariables = ({ operation, params }: Planned): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    (operation.node.variableDefinitions ?? []).flatMap(({ variable: { name } }) =>
      Object.hasOwn(params.variables, name.value) ? [[name.value, params.variables[name.value]]] : [],
    ),
  );

/** Clients choose what goes into it, so it is kept short. */
const keyOf = (parts: readonly unknown[]): string =>
  createHash('sha256')
    .update(JSON.stringify(parts.map((part) => part ?? null)))
    .digest('base64');

function createMatcher(
  channels: readonly FollowedChannel[],
  scope: EventScope,
): PreparedSubscription['isMeant'] {
  let trie: ChannelTrie<FollowedChannel> | undefined;
  return ({ channel, data }) => {
    if (!trie) {
      trie = new ChannelTrie();
      for (const each of channels) trie.add(each.pattern, each);
    }
    for (const { filter } of trie.match(channel)) if (filter?.matches(data, scope) ?? true) return true;
    return false;
  };
}
