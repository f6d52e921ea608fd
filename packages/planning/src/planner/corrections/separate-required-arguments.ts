import {
  Kind,
  print,
  type ConstArgumentNode,
  type ConstDirectiveNode,
  type ConstValueNode,
  type DocumentNode,
  type FieldDefinitionNode,
  type FieldNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';

import { parseFieldSet, printFieldSet } from './field-set.ts';
import { hasFields, joinsOf, namedType, SupergraphTypes, type FieldsType } from './supergraph-types.ts';

/** What a stand-in stands for: a field, with the arguments that a field set gives it. */
export interface StandIn {
  readonly field: string;
  readonly arguments: readonly ConstArgumentNode[];
}

/** A supergraph whose field sets have no arguments, and what stands for them. */
export interface SeparatedSupergraph {
  readonly document: DocumentNode;
  readonly standIns: ReadonlyMap<string, StandIn>;
}

export interface SeparationOptions {
  /**
   * Whether objects in field sets get stand-ins as well: one for each selection of what is in them. What else is asked
   * for in such an object then cannot make it null. @default false
   */
  readonly separatesObjects?: boolean;
}

/**
 * Gives every field with arguments within `@requires` and `@fromContext` a name of its own, a stand-in, which is a
 * field without arguments of the same type and in the same subgraphs. The planner merges fields of one name whatever
 * their arguments are, so what a client asks for and what another field requires would become one.
 *
 * @example
 * // requires: "comments(limit: 3) { text }" becomes "comments__r1 { text }", and the type gets
 * // comments__r1: [Comment] @join__field(graph: POSTS) @join__field(graph: READING, external: true)
 */
export function separateRequiredArguments(
  document: DocumentNode,
  { separatesObjects = false }: SeparationOptions = {},
): SeparatedSupergraph {
  const separation = new Separation(new SupergraphTypes(document), separatesObjects);
  const renamed = mapTypes(document, (type) => separation.renameIn(type));
  if (separation.standIns.size === 0) return { document, standIns: separation.standIns };
  return { document: mapTypes(renamed, (type) => separation.addTo(type)), standIns: separation.standIns };
}

const mapTypes = (document: DocumentNode, map: (type: FieldsType) => FieldsType): DocumentNode => ({
  ...document,
  definitions: document.definitions.map((node) => (hasFields(node) ? map(node) : node)),
});

class Separation {
  readonly standIns = new Map<string, StandIn>();
  readonly #types: SupergraphTypes;
  readonly #separatesObjects: boolean;
  readonly #names = new Map<string, string>();
  /** The stand-ins that a type must get, each with its field. */
  readonly #missing = new Map<string, Map<string, string>>();
  readonly #taken: ReadonlySet<string>;

  constructor(types: SupergraphTypes, separatesObjects: boolean) {
    this.#types = types;
    this.#separatesObjects = separatesObjects;
    this.#taken = new Set(
      [...types.all()].flatMap(({ fields = [] }) => fields.map(({ name }) => name.value)),
    );
  }

  renameIn(type: FieldsType): FieldsType {
    const fields = type.fields?.map((field) => ({
      ...field,
      ...(field.directives && {
        directives: field.directives.map((directive) =>
          directive.name.value === 'join__field' ? this.#renameInJoin(directive, type.name.value) : directive,
        ),
      }),
    }));
    return { ...type, ...(fields && { fields }) };
  }

  addTo(type: FieldsType): FieldsType {
    const { fields = [] } = type;
    const added = [...(this.#missing.get(type.name.value) ?? [])].flatMap(([standIn, base]) => {
      const field = fields.find(({ name }) => name.value === base);
      return field ? [asStandIn(field, standIn)] : [];
    });
    return { ...type, fields: [...fields, ...added] };
  }

  #renameInJoin(join: ConstDirectiveNode, typeName: string): ConstDirectiveNode {
    const renamed = join.arguments?.map((argument) => {
      if (argument.name.value === 'requires')
        return withValue(argument, this.#renameText(argument.value, [typeName]));
      if (argument.name.value !== 'contextArguments' || argument.value.kind !== Kind.LIST) return argument;
      const values = argument.value.values.map((value) => this.#renameInContext(value));
      return withValue(argument, { ...argument.value, values });
    });
    return { ...join, ...(renamed && { arguments: renamed }) };
  }

  /** One of `contextArguments: [{ context, name, type, selection }]`. */
  #renameInContext(value: ConstValueNode): ConstValueNode {
    if (value.kind !== Kind.OBJECT) return value;
    const context = value.fields.find(({ name }) => name.value === 'context')?.value;
    const types = context?.kind === Kind.STRING ? this.#types.typesOfContext.get(context.value) : undefined;
    const fields = value.fields.map((field) =>
      field.name.value === 'selection'
        ? { ...field, value: this.#renameText(field.value, types ?? []) }
        : field,
    );
    return { ...value, fields };
  }

  #renameText(value: ConstValueNode, typeNames: readonly string[]): ConstValueNode {
    if (value.kind !== Kind.STRING || !(this.#separatesObjects ? /[({]/ : /\(/).test(value.value))
      return value;
    const selectionSet = parseFieldSet(value.value);
    const renamed = typeNames.map((typeName) => this.#rename(selectionSet, typeName))[0] ?? selectionSet;
    const text = printFieldSet(renamed);
    return { ...value, value: value.value.trim().startsWith('{') ? `{${text}}` : text };
  }

  #rename(selectionSet: SelectionSetNode, typeName: string): SelectionSetNode {
    return {
      ...selectionSet,
      selections: selectionSet.selections.map((node) => this.#renameNode(node, typeName)),
    };
  }

  #renameNode(node: SelectionNode, typeName: string): SelectionNode {
    if (node.kind === Kind.FRAGMENT_SPREAD) return node;
    const isFragment = node.kind === Kind.INLINE_FRAGMENT;
    const field = isFragment ? undefined : this.#types.field(typeName, node.name.value);
    const innerType = isFragment
      ? (node.typeCondition?.name.value ?? typeName)
      : field && namedType(field.type);
    const inner =
      node.selectionSet && innerType !== undefined
        ? { ...node, selectionSet: this.#rename(node.selectionSet, innerType) }
        : node;
    if (inner.kind === Kind.INLINE_FRAGMENT) return inner;
    const isSeparateObject = inner.selectionSet !== undefined && this.#separatesObjects;
    if (!inner.arguments?.length && !isSeparateObject) return inner;
    const name = this.#standInFor(inner, typeName, isSeparateObject);
    const { arguments: _replaced, ...rest } = inner;
    return { ...rest, name: { kind: Kind.NAME, value: name } };
  }

  #standInFor(node: FieldNode, typeName: string, isSeparateObject: boolean): string {
    const field = node.name.value;
    const given = (node.arguments ?? []) as readonly ConstArgumentNode[];
    const texts = given.map((argument) => print(argument)).toSorted();
    const inside = isSeparateObject && node.selectionSet ? printFieldSet(node.selectionSet) : '';
    const key = `${field}(${texts.join()}){${inside}}`;
    const name = this.#names.get(key) ?? this.#newName(field);
    this.#names.set(key, name);
    this.standIns.set(name, { field, arguments: given });
    for (const type of this.#types.withImplementations(typeName)) {
      const missing = this.#missing.get(type) ?? new Map<string, string>();
      this.#missing.set(type, missing.set(name, field));
    }
    return name;
  }

  #newName(field: string): string {
    for (let index = 1; ; index += 1) {
      const name = `${field}__r${index}`;
      if (!this.#taken.has(name) && !this.standIns.has(name)) return name;
    }
  }
}

const withValue = (argument: ConstArgumentNode, value: ConstValueNode): ConstArgumentNode => ({
  ...argument,
  value,
});

/** Only the joins of its directives: what else stands at the field is said of the field, not of its stand-in. */
function asStandIn(field: FieldDefinitionNode, name: string): FieldDefinitionNode {
  const { description: _description, arguments: _arguments, ...rest } = field;
  return { ...rest, name: { kind: Kind.NAME, value: name }, directives: joinsOf(field) };
}
