import {
  getNamedType,
  isCompositeType,
  isUnionType,
  Kind,
  SchemaMetaFieldDef,
  TypeMetaFieldDef,
  TypeNameMetaFieldDef,
  type BooleanValueNode,
  type DirectiveNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type FragmentSpreadNode,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLSchema,
  type InlineFragmentNode,
  type OperationDefinitionNode,
  type SelectionSetNode,
  type VariableNode,
} from 'graphql';

import { DataKeys } from './data-keys.ts';
import type {
  Condition,
  Defer,
  FragmentSelection,
  ReadOperation,
  Selection,
  Selections,
} from './selection.ts';

/**
 * Reads the one operation of a valid document: every field with its definition and its data key, conditions resolved
 * as far as they are literal. What is deferred by more variables than a few is not deferred.
 *
 * @param keepsDefer without it, `@defer` means nothing
 * @throws {TypeError} for a document that does not fit the schema: validation comes before
 */
export function readOperation(
  schema: GraphQLSchema,
  document: DocumentNode,
  keepsDefer: boolean,
): ReadOperation {
  const node = document.definitions.find((definition) => definition.kind === Kind.OPERATION_DEFINITION);
  const root = node && schema.getRootType(node.operation);
  if (!root) throw new TypeError('Expected a document with an operation that the schema has a root type for');
  return new OperationReader(schema, document, keepsDefer).read(node, root);
}

// The planner makes a plan for each setting of them: four have sixteen, and twelve have more than it can make in time.
const maxDeferVariables = 4;

class OperationReader {
  readonly #schema: GraphQLSchema;
  readonly #definitions: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly #keys: DataKeys;
  readonly #fragments = new Map<string, Selections>();
  readonly #conditionVariables = new Set<string>();
  readonly #keepsDefer: boolean;
  readonly #deferVariables = new Set<string>();
  #deferCount = 0;

  constructor(schema: GraphQLSchema, { definitions }: DocumentNode, keepsDefer: boolean) {
    this.#schema = schema;
    this.#keepsDefer = keepsDefer;
    this.#keys = new DataKeys(schema);
    const fragments = definitions.filter((definition) => definition.kind === Kind.FRAGMENT_DEFINITION);
    this.#definitions = new Map(fragments.map((fragment) => [fragment.name.value, fragment]));
  }

  read(node: OperationDefinitionNode, root: ReadOperation['root']): ReadOperation {
    const selections = this.#selections(node.selectionSet, root);
    const conditionVariables = [...this.#conditionVariables].toSorted();
    return { node, root, selections, conditionVariables, mayDefer: this.#deferCount > 0 };
  }

  #selections({ selections }: SelectionSetNode, parent: GraphQLCompositeType): Selections {
    return selections.flatMap((node): Selection[] => {
      const directives = resolveLiterals(node.directives ?? []);
      if (!directives) return [];
      const conditions = this.#conditions(directives);
      if (node.kind === Kind.FIELD) return [this.#field(node, parent, { directives, conditions })];
      return [this.#fragment(node, parent, { directives, conditions })];
    });
  }

  #field(
    node: FieldNode,
    parent: GraphQLCompositeType,
    applied: Pick<Selection, 'directives' | 'conditions'>,
  ): Selection {
    const definition = fieldOf(this.#schema, parent, node.name.value);
    const isMeta = node.name.value.startsWith('__') && !isOwnField(parent, node.name.value);
    const type = getNamedType(definition.type);
    const responseKey = (node.alias ?? node.name).value;
    // Two equal fields of a mutation are two changes. And of two objects that were one to a subgraph, both would be
    // null where a field may not be that only one of them has.
    const isRunApart = parent === this.#schema.getMutationType() || isCompositeType(type);
    const run = isRunApart ? responseKey : '';
    return {
      kind: 'field',
      ...applied,
      responseKey,
      dataKey: isMeta ? node.name.value : this.#keys.keyOf(node, definition, run),
      node,
      parent,
      definition,
      selections:
        node.selectionSet && !isMeta && isCompositeType(type)
          ? this.#selections(node.selectionSet, type)
          : undefined,
    };
  }

  #fragment(
    node: InlineFragmentNode | FragmentSpreadNode,
    parent: GraphQLCompositeType,
    applied: Pick<Selection, 'directives' | 'conditions'>,
  ): Selection {
    const isSpread = node.kind === Kind.FRAGMENT_SPREAD;
    const definition = isSpread ? this.#definitions.get(node.name.value) : node;
    if (!definition)
      throw new TypeError('Expected every fragment to be in the document, but one of them is not');
    const on = definition.typeCondition;
    const type = on ? (this.#schema.getType(on.name.value) as GraphQLCompositeType) : parent;
    const read = () => this.#selections(definition.selectionSet, type);
    return {
      kind: 'fragment',
      conditions: applied.conditions,
      ...this.#deferred(applied.directives),
      name: isSpread ? node.name.value : undefined,
      on,
      type,
      selections: isSpread ? this.#named(node.name.value, read) : read(),
    };
  }

  /** Once for all spreads: fragments within fragments would otherwise be read without end. */
  #named(name: string, read: () => Selections): Selections {
    let selections = this.#fragments.get(name);
    if (!selections) this.#fragments.set(name, (selections = read()));
    return selections;
  }

  #conditions(directives: readonly DirectiveNode[]): Condition[] {
    const conditions = directives.filter(isConditional).map((directive) => ({
      variable: (valueOfIf(directive) as VariableNode).name.value,
      wanted: directive.name.value === 'include',
    }));
    for (const { variable } of conditions) this.#conditionVariables.add(variable);
    return conditions;
  }

  #mayDeferBy(variable: string): boolean {
    const isKnown = this.#deferVariables.has(variable);
    if (!isKnown && this.#deferVariables.size >= maxDeferVariables) return false;
    this.#deferVariables.add(variable);
    this.#conditionVariables.add(variable);
    return true;
  }

  #deferred(directives: readonly DirectiveNode[]): Pick<FragmentSelection, 'defer' | 'directives'> {
    const directive = directives.find(isDefer);
    if (!directive) return { defer: undefined, directives };
    const others = directives.filter((other) => other !== directive);
    if (!this.#keepsDefer) return { defer: undefined, directives: others };
    const label = directive.arguments?.find(({ name }) => name.value === 'label')?.value;
    const condition = valueOfIf(directive);
    const variable = condition?.kind === Kind.VARIABLE ? condition.name.value : undefined;
    if (variable !== undefined && !this.#mayDeferBy(variable))
      return { defer: undefined, directives: others };
    this.#deferCount += 1;
    const defer: Defer = {
      id: `d${this.#deferCount}`,
      label: label?.kind === Kind.STRING ? label.value : undefined,
      variable,
    };
    return { defer, directives: [...others, toDirective(directive, defer)] };
  }
}

/** The directive under our own label. */
const toDirective = (directive: DirectiveNode, { id, variable }: Defer): DirectiveNode => ({
  ...directive,
  arguments: [
    {
      kind: Kind.ARGUMENT,
      name: { kind: Kind.NAME, value: 'label' },
      value: { kind: Kind.STRING, value: id },
    },
    ...(directive.arguments ?? []).filter(({ name }) => name.value === 'if' && variable !== undefined),
  ],
});

const isDefer = ({ name }: DirectiveNode): boolean => name.value === 'defer';

const isConditional = ({ name }: DirectiveNode): boolean => name.value === 'skip' || name.value === 'include';

const valueOfIf = (directive: DirectiveNode): BooleanValueNode | VariableNode | undefined =>
  directive.arguments?.find(({ name }) => name.value === 'if')?.value as BooleanValueNode | VariableNode;

/** The directives that still mean something; `undefined` when the selection never counts. */
function resolveLiterals(directives: readonly DirectiveNode[]): readonly DirectiveNode[] | undefined {
  const left: DirectiveNode[] = [];
  for (const directive of directives) {
    const condition = valueOfIf(directive);
    const isLiteral = condition?.kind === Kind.BOOLEAN;
    if (isLiteral && isConditional(directive)) {
      if (condition.value !== (directive.name.value === 'include')) return undefined;
    } else if (!(isLiteral && isDefer(directive) && !condition.value)) {
      left.push(directive);
    }
  }
  return left;
}

const isOwnField = (parent: GraphQLCompositeType, name: string): boolean =>
  !isUnionType(parent) && parent.getFields()[name] !== undefined;

function fieldOf(
  schema: GraphQLSchema,
  parent: GraphQLCompositeType,
  name: string,
): GraphQLField<unknown, unknown> {
  if (name === TypeNameMetaFieldDef.name) return TypeNameMetaFieldDef;
  const isQuery = parent === schema.getQueryType();
  if (isQuery && name === SchemaMetaFieldDef.name) return SchemaMetaFieldDef;
  if (isQuery && name === TypeMetaFieldDef.name) return TypeMetaFieldDef;
  const field = isUnionType(parent) ? undefined : parent.getFields()[name];
  if (!field) throw new TypeError(`Expected "${parent.name}" to have a field "${name}", but it has none`);
  return field;
}
