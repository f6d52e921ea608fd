import { Kind, OperationTypeNode, type DocumentNode, type FieldDefinitionNode } from 'graphql';

import { argumentOf, typesOf, type TypeNode } from '../applications.ts';
import { graphNames } from '../linked-subgraphs.ts';
import { readLinks } from '../links.ts';
import { isOurs } from '../specification.ts';
import { parseChannelTemplate, type ChannelTemplate } from './channel-template.ts';
import { parseEventFilter, type EventFilter } from './event-filter.ts';

/** Where the events of one subscription field come from. */
export interface EventSource {
  /** Of the type `Subscription`. */
  readonly field: string;
  /** Who resolves the entities of its events. */
  readonly subgraph: string;
  /** At least one; an event that comes by several is one event. */
  readonly channels: readonly EventChannel[];
}

/** One `@event`. */
export interface EventChannel {
  readonly template: ChannelTemplate;
  /** Absent: every event of the channel. */
  readonly filter: EventFilter | undefined;
}

/**
 * The subscription fields of a supergraph that events feed, by name. Those without an `@event` are not among them:
 * their subgraph has a resolver.
 *
 * @throws {GrammarError} for what composition would have refused
 */
export function eventSourcesOf(supergraph: DocumentNode): ReadonlyMap<string, EventSource> {
  const name = readLinks(supergraph).find(isOurs)?.nameOf('event');
  const root = rootTypeName(supergraph);
  const graphs = graphNames(supergraph);
  const sources = new Map<string, EventSource>();
  for (const type of typesOf(supergraph)) {
    if (type.name.value !== root || !('fields' in type)) continue;
    for (const field of (type.fields ?? []) as readonly FieldDefinitionNode[]) {
      const channels = channelsOf(field, name);
      if (channels.length === 0) continue;
      const subgraph = graphs.get(graphOf(type, field)) ?? '';
      sources.set(field.name.value, { field: field.name.value, subgraph, channels });
    }
  }
  return sources;
}

const channelsOf = ({ directives = [] }: FieldDefinitionNode, name: string | undefined): EventChannel[] =>
  directives
    .filter((directive) => directive.name.value === name)
    .map((directive) => {
      const filter = argumentOf(directive, 'filter');
      return {
        template: parseChannelTemplate(String(argumentOf(directive, 'channel'))),
        filter: typeof filter === 'string' ? parseEventFilter(filter) : undefined,
      };
    });

/** The subgraph that has the field: named on it, or on its type where that is the only one's. */
function graphOf(type: TypeNode, field: FieldDefinitionNode): string {
  const joins = (field.directives ?? []).filter(
    (directive) =>
      directive.name.value === 'join__field' &&
      argumentOf(directive, 'graph') !== undefined &&
      argumentOf(directive, 'external') !== true &&
      argumentOf(directive, 'usedOverridden') !== true,
  );
  const [join] = joins.length > 0 ? joins : (type.directives ?? []).filter(isJoinType);
  return join ? String(argumentOf(join, 'graph')) : '';
}

const isJoinType = ({ name }: { readonly name: { readonly value: string } }) => name.value === 'join__type';

function rootTypeName({ definitions }: DocumentNode): string {
  for (const definition of definitions) {
    if (definition.kind !== Kind.SCHEMA_DEFINITION) continue;
    const root = definition.operationTypes.find(
      ({ operation }) => operation === OperationTypeNode.SUBSCRIPTION,
    );
    if (root) return root.type.name.value;
  }
  return 'Subscription';
}
