import { Kind, type ConstDirectiveNode, type DocumentNode, type SelectionSetNode } from 'graphql';

import { parseFieldSet } from './corrections/field-set.ts';
import { joinsOf, namedType, SupergraphTypes, textArgument } from './corrections/supergraph-types.ts';

/** The labels that can change the plan of an operation, sorted. */
export type OverrideLabelsOf = (operation: DocumentNode) => readonly string[];

/**
 * Tells of operations on which labels of `@override(label:)` their plans can depend: those of the fields that they
 * ask for, of what these require, and of the keys that lead from one subgraph to another. So a plan is needed for each
 * set of labels that are on among these, not for each among all of the supergraph.
 *
 * @example
 * const labelsOf = overrideLabelsOf(supergraphDocument);
 * labelsOf(parse('{ post { tags } }')) // ['percent(20)']
 */
export function overrideLabelsOf(supergraph: DocumentNode): OverrideLabelsOf {
  const types = new SupergraphTypes(supergraph);
  const hasLabels = [...types.all()].some(({ fields = [] }) =>
    fields.some((field) => joinsOf(field).some((join) => textArgument(join, 'overrideLabel') !== undefined)),
  );
  if (!hasLabels) return () => [];
  const roots = rootTypes(supergraph);
  return (operation) => new LabelSearch(types, operation).find(roots);
}

class LabelSearch {
  readonly #types: SupergraphTypes;
  readonly #document: DocumentNode;
  readonly #labels = new Set<string>();
  readonly #seen = new Set<string>();

  constructor(types: SupergraphTypes, document: DocumentNode) {
    this.#types = types;
    this.#document = document;
  }

  find(roots: ReadonlyMap<string, string>): readonly string[] {
    for (const node of this.#document.definitions) {
      if (node.kind === Kind.OPERATION_DEFINITION)
        this.#visit(node.selectionSet, roots.get(node.operation) ?? '');
      // By its own type: it does not matter where it is spread.
      if (node.kind === Kind.FRAGMENT_DEFINITION)
        this.#visit(node.selectionSet, node.typeCondition.name.value);
    }
    return [...this.#labels].toSorted();
  }

  #visit(selectionSet: SelectionSetNode, typeName: string): void {
    this.#visitKeys(typeName);
    for (const node of selectionSet.selections) {
      if (node.kind === Kind.INLINE_FRAGMENT)
        this.#visit(node.selectionSet, node.typeCondition?.name.value ?? typeName);
      if (node.kind !== Kind.FIELD) continue;
      this.#visitField(typeName, node.name.value);
      const field = this.#types.field(typeName, node.name.value);
      if (node.selectionSet && field) this.#visit(node.selectionSet, namedType(field.type));
    }
  }

  /** On the type and on all that it may be there, an interface or one of its implementations. */
  #visitField(typeName: string, fieldName: string): void {
    for (const name of this.#types.relatives(typeName)) {
      const field = this.#isNew(`${name}.${fieldName}`) ? this.#types.field(name, fieldName) : undefined;
      for (const join of field ? joinsOf(field) : []) this.#visitJoin(join, name);
    }
  }

  #visitJoin(join: ConstDirectiveNode, typeName: string): void {
    const label = textArgument(join, 'overrideLabel');
    if (label !== undefined) this.#labels.add(label);
    const requires = textArgument(join, 'requires');
    if (requires !== undefined) this.#visit(parseFieldSet(requires), typeName);
    const contexts = join.arguments?.find(({ name }) => name.value === 'contextArguments')?.value;
    for (const { selection, typeNames } of this.#types.contextSelections(contexts)) {
      for (const name of typeNames) this.#visit(parseFieldSet(selection), name);
    }
  }

  #visitKeys(typeName: string): void {
    if (!this.#isNew(typeName)) return;
    for (const name of this.#types.relatives(typeName)) {
      for (const directive of this.#types.directives(name)) {
        const key = directive.name.value === 'join__type' ? textArgument(directive, 'key') : undefined;
        if (key !== undefined) this.#visit(parseFieldSet(key), name);
      }
    }
  }

  #isNew(coordinate: string): boolean {
    if (this.#seen.has(coordinate)) return false;
    this.#seen.add(coordinate);
    return true;
  }
}

function rootTypes({ definitions }: DocumentNode): ReadonlyMap<string, string> {
  const schema = definitions.find((node) => node.kind === Kind.SCHEMA_DEFINITION);
  return new Map(schema?.operationTypes.map(({ operation, type }) => [operation, type.name.value]));
}
