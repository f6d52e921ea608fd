import {
  isInterfaceObjectType,
  type CoreFeature,
  type DirectiveDefinition,
  type Subgraph,
  type Subgraphs,
} from '@apollo/federation-internals';
import { isOurs, specification } from '@tributary/directives';
import { GraphQLError, Kind, parse, print, type ASTNode } from 'graphql';

/**
 * What composition itself lets pass and the gateway could not hold: protection that no object type or field has, and
 * marks that would be lost on their way to the supergraph.
 */
export function* findDirectiveProblems(subgraphs: Subgraphs): Generator<GraphQLError> {
  for (const subgraph of subgraphs) {
    yield* protectionProblems(subgraph);
    yield* markProblems(subgraph);
  }
}

/** The names of the subgraphs that say what is personal in them. */
export const findLinkedSubgraphs = (subgraphs: Subgraphs): readonly string[] =>
  [...subgraphs].filter(ourFeature).map(({ name }) => name);

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
  const name = feature.directiveNameInSchema('personal');
  const composed = [...subgraph.metadata().composeDirective().applications()];
  if (!composed.some((application) => application.arguments().name === `@${name}`)) {
    yield problem(subgraph, feature.directive, 'DIRECTIVE_COMPOSITION_ERROR', [
      `Expected @composeDirective(name: "@${name}") beside the link of ${specification.url}, but there is none:`,
      'what is personal would be lost in composition',
    ]);
  }
  const definition = subgraph.schema.directive(name);
  if (definition) yield* definitionProblems(subgraph, definition);
}

function* definitionProblems(subgraph: Subgraph, definition: DirectiveDefinition): Generator<GraphQLError> {
  const wanted = specification.directives.personal.replace('personal', definition.name);
  if (definition.sourceAST && textOf(print(definition.sourceAST)) !== textOf(wanted)) {
    yield problem(subgraph, definition, 'DIRECTIVE_DEFINITION_INVALID', [
      `Expected the definition "${wanted}", but got "${print(definition.sourceAST)}"`,
    ]);
  }
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

/** An error as the composer makes them: with the code, and with the subgraph at the place. */
function problem(
  subgraph: Subgraph,
  { sourceAST }: { readonly sourceAST?: ASTNode | undefined },
  code: string,
  sentence: readonly string[],
): GraphQLError {
  return new GraphQLError(`[${subgraph.name}] ${sentence.join(' ')}`, {
    ...(sourceAST && { nodes: [Object.assign({}, sourceAST, { subgraph: subgraph.name })] }),
    extensions: { code },
  });
}
