import {
  isInterfaceObjectType,
  type CoreFeature,
  type DirectiveDefinition,
  type Subgraph,
  type Subgraphs,
} from '@apollo/federation-internals';
import { isOurs, specification } from '@tributary/directives';
import { Kind, parse, print, type GraphQLError } from 'graphql';

import { findEventProblems } from './event-rules.ts';
import { problem } from './subgraph-problem.ts';

/**
 * What composition itself lets pass and the gateway could not hold: protection that no object type or field has, marks
 * that would be lost on their way to the supergraph, and events that nobody could resolve.
 */
export function* findDirectiveProblems(subgraphs: Subgraphs): Generator<GraphQLError> {
  for (const subgraph of subgraphs) {
    yield* protectionProblems(subgraph);
    yield* markProblems(subgraph);
  }
  yield* findEventProblems(subgraphs);
}

/** The names of the subgraphs that say what is personal in them. */
export const findLinkedSubgraphs = (subgraphs: Subgraphs): readonly string[] =>
  [...subgraphs]
    .filter((subgraph) => {
      const feature = ourFeature(subgraph);
      return feature && !isForEventsOnly(subgraph, feature);
    })
    .map(({ name }) => name);

function* protectionProblems(subgraph: Subgraph): Generator<GraphQLError> {
  const metadata = subgraph.metadata();
  const directives = [
    metadata.authenticatedDirective(),
    metadata.requiresScopesDirective(),
    metadata.policyDirective(),
  ];
  for (const directive of directives) {
    for (const application of directive.applications()) {
      const parent = elementOf(application);
      // Interfaces, their fields and interface objects are refused by the composer.
      if (parent.kind === 'ScalarType' || parent.kind === 'EnumType') {
        yield problem(subgraph, application, 'AUTH_REQUIREMENTS_APPLIED_ON_LEAF', [
          `Invalid use of @${directive.name} on "${parent.coordinate}":`,
          `@${directive.name} is for object types and their fields; put it on the fields that return ${parent.coordinate}`,
        ]);
      }
      const [lists] = Object.values<readonly (readonly string[])[]>(application.arguments());
      if (lists && (lists.length === 0 || lists.some((list) => list.length === 0 || list.includes('')))) {
        yield problem(subgraph, application, 'AUTH_REQUIREMENTS_EMPTY', [
          `Invalid use of @${directive.name} on "${parent.coordinate}":`,
          'expected lists of at least one name each, but got an empty one, which nobody could fulfil',
        ]);
      }
    }
  }
}

function* markProblems(subgraph: Subgraph): Generator<GraphQLError> {
  const feature = featureOf(subgraph);
  if (!feature) return;
  if (!isOurs(linkOf(feature))) {
    yield problem(subgraph, feature.directive, 'DIRECTIVE_COMPOSITION_ERROR', [
      `Expected a link of ${specification.url} or a later minor version, but got ${feature.url.toString()}`,
    ]);
    return;
  }
  for (const directive of ['personal', 'event'] as const)
    yield* carriedProblems(subgraph, feature, directive);
  const personal = subgraph.schema.directive(feature.directiveNameInSchema('personal'));
  if (personal) yield* interfaceObjectProblems(subgraph, personal);
}

/** A directive that is used must be defined as we know it, and reach the supergraph. */
function* carriedProblems(
  subgraph: Subgraph,
  feature: CoreFeature,
  directive: keyof typeof specification.directives,
): Generator<GraphQLError> {
  const name = feature.directiveNameInSchema(directive);
  const definition = subgraph.schema.directive(name);
  const composed = [...subgraph.metadata().composeDirective().applications()];
  const isComposed = composed.some((application) => application.arguments().name === `@${name}`);
  // What is personal must not be lost from the day on which somebody marks it.
  const mustCompose = directive === 'personal' ? !isForEventsOnly(subgraph, feature) : definition;
  if (!isComposed && mustCompose) {
    yield problem(subgraph, feature.directive, 'DIRECTIVE_COMPOSITION_ERROR', [
      `Expected @composeDirective(name: "@${name}") beside the link of ${specification.url}, but there is none:`,
      `${whatIsLost[directive]} would be lost in composition`,
    ]);
  }
  if (!definition) return;
  const since = specification.since[directive];
  if (feature.url.version.minor < since) {
    yield problem(subgraph, feature.directive, 'DIRECTIVE_COMPOSITION_ERROR', [
      `Expected a link of ${specification.identity}/v${specification.majorVersion}.${since} or a later minor version,`,
      `with which @${directive} came, but got ${feature.url.toString()}`,
    ]);
  }
  yield* definitionProblems(subgraph, definition, directive);
}

/** Who takes `@event` alone says nothing of what is personal, as without a link: then everything may be. */
const isForEventsOnly = (subgraph: Subgraph, feature: CoreFeature): boolean =>
  speaksOf('event', subgraph, feature) && !speaksOf('personal', subgraph, feature);

const speaksOf = (
  directive: keyof typeof specification.directives,
  { schema }: Subgraph,
  feature: CoreFeature,
): boolean =>
  feature.imports.some(({ name }) => name === `@${directive}`) ||
  schema.directive(feature.directiveNameInSchema(directive)) !== undefined;

const whatIsLost = { personal: 'what is personal', event: 'where events come from' } as const;

function* definitionProblems(
  subgraph: Subgraph,
  definition: DirectiveDefinition,
  directive: keyof typeof specification.directives,
): Generator<GraphQLError> {
  const wanted = specification.directives[directive].replace(directive, definition.name);
  if (definition.sourceAST && textOf(print(definition.sourceAST)) !== textOf(wanted)) {
    yield problem(subgraph, definition, 'DIRECTIVE_DEFINITION_INVALID', [
      `Expected the definition "${wanted}", but got "${print(definition.sourceAST)}"`,
    ]);
  }
}

function* interfaceObjectProblems(
  subgraph: Subgraph,
  definition: DirectiveDefinition,
): Generator<GraphQLError> {
  for (const application of definition.applications()) {
    const parent = elementOf(application);
    if (!isInterfaceObject(parent)) continue;
    yield problem(subgraph, application, 'PERSONAL_APPLIED_ON_INTERFACE_OBJECT', [
      `Invalid use of @${definition.name} on interface object "${parent.coordinate}": put it on its fields`,
    ]);
  }
}

/** What a directive stands on, as far as it is needed here. */
interface MarkedElement {
  readonly kind: string;
  readonly coordinate: string;
}

const elementOf = (application: { readonly parent: unknown }) => application.parent as MarkedElement;

const isInterfaceObject = (element: MarkedElement): boolean =>
  element.kind === 'ObjectType' &&
  isInterfaceObjectType(element as MarkedElement & Parameters<typeof isInterfaceObjectType>[0]);

/** Without what two ways of writing the same definition differ in. */
function textOf(definition: string): string {
  const [node] = parse(definition, { noLocation: true }).definitions;
  if (node?.kind !== Kind.DIRECTIVE_DEFINITION) return definition;
  const { description: _, ...bare } = node;
  return print({
    ...bare,
    locations: bare.locations.toSorted((one, other) => (one.value < other.value ? -1 : 1)),
  });
}

const featureOf = ({ schema }: Subgraph): CoreFeature | undefined =>
  schema.coreFeatures?.getByIdentity(specification.identity);

const linkOf = ({ url }: CoreFeature) => ({ identity: url.identity, majorVersion: url.version.major });

function ourFeature(subgraph: Subgraph): CoreFeature | undefined {
  const feature = featureOf(subgraph);
  return feature && isOurs(linkOf(feature)) ? feature : undefined;
}
