import {
  FieldDefinition,
  baseType,
  isInputObjectType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  isUnionType,
  type Directive,
  type InputType,
  type NamedType,
  type ObjectType,
  type Subgraph,
  type Subgraphs,
} from '@apollo/federation-internals';
import {
  GrammarError,
  parseChannelTemplate,
  parseEventFilter,
  printPath,
  specification,
  type EventPath,
} from '@tributary/directives';
import type { GraphQLError } from 'graphql';

import { problem } from './subgraph-problem.ts';

type EventDirective = Directive<FieldDefinition<ObjectType>, { channel?: string; filter?: string }>;

/**
 * What is wrong with `@event`s: a channel or a filter that cannot be read or names what is not there, an entity that
 * its subgraph could not be asked for.
 */
export function* findEventProblems(subgraphs: Subgraphs): Generator<GraphQLError> {
  const owners = new Map<string, string>();
  for (const subgraph of subgraphs) {
    for (const event of eventsOf(subgraph)) {
      yield* placeProblems(subgraph, event);
      yield* grammarProblems(subgraph, event);
      const { coordinate } = event.parent;
      const owner = owners.get(coordinate) ?? subgraph.name;
      owners.set(coordinate, owner);
      if (owner === subgraph.name) continue;
      yield problem(subgraph, event, 'EVENT_SOURCE_SHARED', [
        `Expected "${coordinate}" to have its @event in one subgraph, but "${owner}" has one as well`,
      ]);
    }
  }
}

function eventsOf({ schema }: Subgraph): readonly EventDirective[] {
  const feature = schema.coreFeatures?.getByIdentity(specification.identity);
  const definition = feature && schema.directive(feature.directiveNameInSchema('event'));
  return [...(definition?.applications() ?? [])].filter(
    (application): application is EventDirective => application.parent instanceof FieldDefinition,
  );
}

function* placeProblems(subgraph: Subgraph, event: EventDirective): Generator<GraphQLError> {
  const { coordinate, parent, type } = event.parent;
  const invalid = (...sentence: readonly string[]) =>
    problem(subgraph, event, 'EVENT_SOURCE_INVALID', [
      `Invalid use of @event on "${coordinate}":`,
      ...sentence,
    ]);
  if (parent !== subgraph.schema.schemaDefinition.rootType('subscription')) {
    yield invalid('expected a field of the subscription type, but it is one of another type');
    return;
  }
  if (!type) return;
  if (isListType(isNonNullType(type) ? type.ofType : type)) {
    yield invalid('expected one entity, but the field returns a list: each event is about one');
    return;
  }
  const unresolvable = objectsOf(baseType(type)).filter((object) => !isResolvable(subgraph, object));
  for (const { name } of unresolvable) {
    yield invalid(
      `expected ${name} to have a resolvable @key in "${subgraph.name}", which is asked for the entities of its events`,
    );
  }
}

/** The objects that a field may return; the type itself where it is neither an object nor abstract. */
function objectsOf(type: NamedType): readonly NamedType[] {
  if (isUnionType(type)) return type.types();
  return isInterfaceType(type) ? type.possibleRuntimeTypes() : [type];
}

const isResolvable = (subgraph: Subgraph, type: NamedType): boolean =>
  isObjectType(type) &&
  type
    .appliedDirectivesOf(subgraph.metadata().keyDirective())
    .some((key) => key.arguments().resolvable !== false);

function* grammarProblems(subgraph: Subgraph, event: EventDirective): Generator<GraphQLError> {
  const { channel, filter } = event.arguments();
  const invalid = (sentence: string) =>
    problem(subgraph, event, 'EVENT_SOURCE_INVALID', [
      `Invalid use of @event on "${event.parent.coordinate}":`,
      sentence,
    ]);
  for (const read of [
    () => (channel === undefined ? [] : checkPaths(event, parseChannelTemplate(channel).placeholders, true)),
    () => (filter == null ? [] : checkPaths(event, parseEventFilter(filter).paths, false)),
  ]) {
    try {
      yield* read().map(invalid);
    } catch (error: unknown) {
      if (!(error instanceof GrammarError)) throw error;
      yield invalid(error.message);
    }
  }
}

/** What a channel is filled in from is a name, or a list of names; a filter may look at anything. */
function checkPaths(event: EventDirective, paths: readonly EventPath[], isChannel: boolean): string[] {
  return paths.flatMap((path) => {
    if (path.root !== 'args') return [];
    const type = typeAt(event.parent, path.names);
    if (!type) return [`expected an argument for ${printPath(path)}, but the field has none`];
    const isName = !isInputObjectType(baseType(type)) && !isNestedList(type);
    if (!isChannel || isName) return [];
    return [
      `expected ${printPath(path)} to be a scalar, an enum or a list of these, but it is ${type.toString()}`,
    ];
  });
}

function typeAt(field: FieldDefinition<ObjectType>, [first = '', ...rest]: readonly string[]) {
  let type: InputType | undefined = field.argument(first)?.type;
  for (const name of rest) {
    const object: InputType | undefined = type && isNonNullType(type) ? type.ofType : type;
    type = object && isInputObjectType(object) ? object.field(name)?.type : undefined;
  }
  return type;
}

function isNestedList(type: InputType): boolean {
  const outer = isNonNullType(type) ? type.ofType : type;
  if (!isListType(outer)) return false;
  const item = isNonNullType(outer.ofType) ? outer.ofType.ofType : outer.ofType;
  return isListType(item);
}
