import type { QueryPlan } from '@apollo/query-planner';
import {
  getNamedType,
  isAbstractType,
  isCompositeType,
  isObjectType,
  Kind,
  typeFromAST,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLSchema,
  type InlineFragmentNode,
  type SelectionSetNode,
} from 'graphql';

import { fetchedPaths, type FieldPaths } from './fetched-paths.ts';

/** A field that an operation asks for in any case and that its plan never fetches. */
export interface MissingField {
  readonly node: FieldNode;
  readonly path: string;
  /** Below an abstract type a field may be left out, when no object there can have it. */
  readonly isBelowAbstract: boolean;
}

/**
 * What a plan leaves out. Nothing is said of fields within conditions, on a type or by `@skip` and `@include`: those
 * a planner may leave out for good reasons.
 */
export function findMissingFields(
  schema: GraphQLSchema,
  document: DocumentNode,
  plan: QueryPlan,
): MissingField[] {
  const operation = document.definitions.find((node) => node.kind === Kind.OPERATION_DEFINITION);
  const root = operation && schema.getRootType(operation.operation);
  if (!root) return [];
  const search = new Search(schema, document, fetchedPaths(plan));
  search.visit(operation.selectionSet, root, '');
  return search.missing;
}

class Search {
  readonly missing: MissingField[] = [];
  readonly #schema: GraphQLSchema;
  readonly #fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly #fetched: FieldPaths;

  constructor(schema: GraphQLSchema, { definitions }: DocumentNode, fetched: FieldPaths) {
    this.#schema = schema;
    this.#fetched = fetched;
    const fragments = definitions.filter((node) => node.kind === Kind.FRAGMENT_DEFINITION);
    this.#fragments = new Map(fragments.map((fragment) => [fragment.name.value, fragment]));
  }

  visit(selectionSet: SelectionSetNode, type: GraphQLCompositeType, parent: string): void {
    for (const node of selectionSet.selections) {
      if (node.directives?.length) continue;
      if (node.kind === Kind.FIELD) this.#visitField(node, type, parent);
      else {
        const fragment = node.kind === Kind.INLINE_FRAGMENT ? node : this.#fragments.get(node.name.value);
        if (fragment && this.#alwaysApplies(fragment, type)) this.visit(fragment.selectionSet, type, parent);
      }
    }
  }

  #visitField(node: FieldNode, parentType: GraphQLCompositeType, parent: string): void {
    const name = node.name.value;
    // __typename is added to plans and answers where it is needed, and introspection is never planned.
    if (name.startsWith('__')) return;
    const key = (node.alias ?? node.name).value;
    const path = parent === '' ? key : `${parent}.${key}`;
    if (!this.#fetched.has(path)) {
      this.missing.push({ node, path, isBelowAbstract: isAbstractType(parentType) });
      return;
    }
    const type = this.#typeOfField(parentType, name);
    if (node.selectionSet && type) this.visit(node.selectionSet, type, path);
  }

  #typeOfField(parentType: GraphQLCompositeType, name: string): GraphQLCompositeType | undefined {
    const field = 'getFields' in parentType ? parentType.getFields()[name] : undefined;
    const type = field && getNamedType(field.type);
    return isCompositeType(type) ? type : undefined;
  }

  #alwaysApplies(
    { typeCondition }: InlineFragmentNode | FragmentDefinitionNode,
    type: GraphQLCompositeType,
  ): boolean {
    if (!typeCondition) return true;
    const condition = typeFromAST(this.#schema, typeCondition);
    if (!isCompositeType(condition)) return false;
    if (condition === type) return true;
    return isAbstractType(condition) && isObjectType(type) && this.#schema.isSubType(condition, type);
  }
}
