import {
  getNamedType,
  isAbstractType,
  isObjectType,
  OperationTypeNode,
  TypeInfo,
  visit,
  visitWithTypeInfo,
  type DocumentNode,
  type GraphQLCompositeType,
  type GraphQLSchema,
} from 'graphql';

import { isAbstract, namedTypeOf, resolversOf, type SupergraphModel } from './model.ts';
import { fieldsIn, parseSelection } from './world.ts';

/** What one operation may lead through. */
export interface OperationCoverage {
  /** A field beneath an interface or a union that no subgraph answers which answers what led there. */
  readonly hopsThroughAbstract: boolean;
  /** The longest chain of fields that require each other. */
  readonly requiresChain: number;
  readonly isMutation: boolean;
}

/** Says what an operation on a generated supergraph goes through, by its schema alone. */
export function coverageOf(
  model: SupergraphModel,
  schema: GraphQLSchema,
  document: DocumentNode,
): OperationCoverage {
  const typeInfo = new TypeInfo(schema);
  const above: (readonly string[])[] = [];
  const coverage = { hopsThroughAbstract: false, requiresChain: 0, isMutation: false };
  visit(
    document,
    visitWithTypeInfo(typeInfo, {
      OperationDefinition: ({ operation }) => {
        coverage.isMutation ||= operation === OperationTypeNode.MUTATION;
      },
      Field: {
        enter: ({ name }) => {
          const parent = typeInfo.getParentType();
          const answering = parent ? answeringSubgraphs(model, schema, parent, name.value) : [];
          for (const chain of parent
            ? possible(schema, parent).map((type) => chainOf(model, type, name.value))
            : []) {
            coverage.requiresChain = Math.max(coverage.requiresChain, chain);
          }
          const abstractAbove = above.at(-1) ?? [];
          const isHop =
            abstractAbove.length > 0 &&
            answering.length > 0 &&
            !answering.some((one) => abstractAbove.includes(one));
          coverage.hopsThroughAbstract ||= isHop;
          const leadsToAbstract = isAbstractType(getNamedType(typeInfo.getType() ?? undefined));
          above.push(leadsToAbstract ? answering : isHop || abstractAbove.length === 0 ? [] : abstractAbove);
        },
        leave: () => void above.pop(),
      },
    }),
  );
  return coverage;
}

const possible = (schema: GraphQLSchema, type: GraphQLCompositeType): readonly string[] =>
  isObjectType(type) ? [type.name] : schema.getPossibleTypes(type).map(({ name }) => name);

function answeringSubgraphs(
  model: SupergraphModel,
  schema: GraphQLSchema,
  parent: GraphQLCompositeType,
  name: string,
): readonly string[] {
  const types = possible(schema, parent);
  return types.flatMap((type) => {
    const field = fieldOf(model, type, name);
    return field ? resolversOf(field) : [];
  });
}

function fieldOf(model: SupergraphModel, type: string, name: string) {
  const objects = [
    ...model.objects.filter((object) => object.name === type),
    ...model.interfaces.flatMap(({ object }) => object ?? []),
  ];
  return objects.flatMap(({ fields }) => fields).find((field) => field.name === name);
}

/** How many fields require each other until one that requires nothing: 0 for that one. */
function chainOf(model: SupergraphModel, type: string, name: string): number {
  const field = fieldOf(model, type, name);
  const requires = Object.values(field?.uses ?? {}).find((use) => use?.requires !== undefined)?.requires;
  if (requires === undefined) return 0;
  const lengths = fieldsIn(parseSelection(requires)).map((required) => {
    const inner = fieldOf(model, type, required.name.value);
    const named = inner && namedTypeOf(inner.type);
    const nested = fieldsIn(required.selectionSet ?? { kind: 'SelectionSet' as never, selections: [] });
    const beneath =
      named && !isAbstract(model, named) ? nested.map((part) => chainOf(model, named, part.name.value)) : [];
    return Math.max(chainOf(model, type, required.name.value), ...beneath, 0);
  });
  return 1 + Math.max(0, ...lengths);
}
