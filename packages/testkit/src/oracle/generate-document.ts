import {
  doTypesOverlap,
  getNamedType,
  getNullableType,
  isAbstractType,
  isCompositeType,
  isInterfaceType,
  isListType,
  isObjectType,
  isRequiredArgument,
  isUnionType,
  Kind,
  type ArgumentNode,
  type DirectiveNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLArgument,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  type InlineFragmentNode,
  type NameNode,
  type NamedTypeNode,
  type OperationDefinitionNode,
  type OperationTypeNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';

import type { Chance } from './chance.ts';
import type { InputPlace, RandomValues } from './random-values.ts';

/** What documents may look like; see `randomOperation` for the defaults. */
export interface DocumentLimits {
  readonly weightOf: (type: string, field: string) => number | undefined;
  readonly operationTypes: readonly OperationTypeNode[];
  readonly maxDepth: number;
  readonly maxFields: number;
  readonly maxItems: number;
  readonly assumedListSize: number;
}

/** Where a selection stands. */
interface Place {
  readonly depth: number;
  /** How many answers a field here is assumed to have: lists within lists multiply. */
  readonly items: number;
  /** Fields that were selected for the same object before; they may be repeated. */
  readonly siblings: FieldNode[];
  /** Fragments within each other, which take no depth of the answer. */
  readonly fragments: number;
}

const maxNestedFragments = 3;
const shortAliases = ['a', 'b', 'c'];

/**
 * Makes a document that follows the schema. Two things it leaves to `finishDocument`: selections of one name that do not
 * merge, and the declarations of variables.
 */
export class DocumentGenerator {
  readonly #schema: GraphQLSchema;
  readonly #chance: Chance;
  readonly #values: RandomValues;
  readonly #limits: DocumentLimits;
  readonly #composites: readonly GraphQLCompositeType[];
  readonly #fragments: { readonly definition: FragmentDefinitionNode; readonly place: Place }[] = [];
  #fieldsLeft = 0;

  constructor(schema: GraphQLSchema, chance: Chance, values: RandomValues, limits: DocumentLimits) {
    this.#schema = schema;
    this.#chance = chance;
    this.#values = values;
    this.#limits = limits;
    const types = Object.values(schema.getTypeMap()).filter(isCompositeType);
    this.#composites = types.filter(({ name }) => !name.startsWith('__'));
  }

  generate(): DocumentNode {
    const operationCount = this.#chance.happens(15) ? this.#chance.integer(2, 3) : 1;
    const isNamed = operationCount > 1 || this.#chance.happens(30);
    const operations = Array.from({ length: operationCount }, (_none, index) =>
      this.#operation(isNamed ? `Operation${index + 1}` : undefined),
    );
    const fragments = this.#fragments.map(({ definition }) => definition);
    return { kind: Kind.DOCUMENT, definitions: [...operations, ...fragments] };
  }

  #operation(operationName: string | undefined): OperationDefinitionNode {
    const operation = this.#chance.pick(this.#limits.operationTypes);
    const root = this.#schema.getRootType(operation);
    this.#fieldsLeft = this.#chance.integer(Math.min(3, this.#limits.maxFields), this.#limits.maxFields);
    if (!root)
      throw new TypeError(`Expected the schema to have a root type for a ${operation}, but it has none`);
    return {
      kind: Kind.OPERATION_DEFINITION,
      operation,
      ...(operationName !== undefined && { name: nameNode(operationName) }),
      selectionSet: this.#selectionSet(root, { depth: 1, items: 1, siblings: [], fragments: 0 }),
    };
  }

  #selectionSet(parent: GraphQLCompositeType, place: Place): SelectionSetNode {
    const wanted = this.#chance.integer(1, 4);
    const selections: SelectionNode[] = [];
    while (selections.length < wanted && this.#fieldsLeft > 0) {
      const selection = this.#selection(parent, place);
      if (!selection) break;
      selections.push(selection);
    }
    return { kind: Kind.SELECTION_SET, selections: selections.length > 0 ? selections : [typenameNode()] };
  }

  #selection(parent: GraphQLCompositeType, place: Place): SelectionNode | undefined {
    this.#fieldsLeft -= 1;
    if (place.fragments < maxNestedFragments && this.#chance.happens(percentOfFragments(parent))) {
      return this.#fragment(parent, place);
    }
    if (this.#chance.happens(8)) return this.#typename(place);
    const repeated = this.#chance.happens(12) ? this.#repeated(parent, place) : undefined;
    return repeated ?? this.#field(parent, place) ?? this.#typename(place);
  }

  #typename(place: Place): FieldNode {
    const alias = this.#chance.happens(20) ? { alias: nameNode(this.#chance.pick(shortAliases)) } : {};
    return { ...typenameNode(), ...alias, directives: this.#conditions(place) };
  }

  #field(parent: GraphQLCompositeType, place: Place): FieldNode | undefined {
    const known = new Set(place.siblings.map(({ name }) => name.value));
    const possible = this.#fieldsOf(parent, place);
    const others = possible.filter(({ name }) => !known.has(name));
    const fields = others.length > 0 ? others : possible;
    const field = this.#chance.pickWeighted(fields, (candidate) => this.#weightOf(parent, candidate));
    if (!field) return undefined;
    const alias = this.#chance.happens(18) ? this.#alias(parent) : undefined;
    const node: FieldNode = {
      kind: Kind.FIELD,
      name: nameNode(field.name),
      ...(alias !== undefined && { alias: nameNode(alias) }),
      arguments: this.#arguments(parent, field),
      ...this.#rest(field, place),
    };
    place.siblings.push(node);
    return node;
  }

  /** A field that stands there already, once more: what is selected in it must be merged. */
  #repeated(parent: GraphQLCompositeType, place: Place): FieldNode | undefined {
    if (isUnionType(parent)) return undefined;
    const possible = this.#fieldsOf(parent, place);
    const earlier = this.#chance.pickAny(place.siblings);
    const field = possible.find(({ name }) => name === earlier?.name.value);
    if (!earlier || !field) return undefined;
    const isSame = (earlier.arguments ?? []).every(({ name }) =>
      field.args.some((argument) => argument.name === name.value),
    );
    if (!isSame) return undefined;
    const { kind, name, alias, arguments: args = [] } = structuredClone(earlier);
    return { kind, name, ...(alias && { alias }), arguments: args, ...this.#rest(field, place) };
  }

  /** What may differ between two selections of one field. */
  #rest(field: GraphQLField<unknown, unknown>, place: Place): Pick<FieldNode, 'directives' | 'selectionSet'> {
    const directives = this.#conditions(place);
    const type = getNamedType(field.type);
    if (!isCompositeType(type)) return { directives };
    const items = place.items * (isList(field) ? this.#limits.assumedListSize : 1);
    const inside: Place = { depth: place.depth + 1, items, siblings: [], fragments: 0 };
    return { directives, selectionSet: this.#selectionSet(type, inside) };
  }

  #fieldsOf(parent: GraphQLCompositeType, place: Place): readonly GraphQLField<unknown, unknown>[] {
    if (isUnionType(parent)) return [];
    return Object.values(parent.getFields()).filter((field) => {
      const fits = !isCompositeType(getNamedType(field.type)) || this.#hasRoomFor(field, place);
      const required = field.args.filter(isRequiredArgument);
      return (
        fits &&
        this.#weightOf(parent, field) > 0 &&
        required.every((argument) => this.#values.canFill(placeOf(parent, field, argument)))
      );
    });
  }

  /** Fields that lead on are what crosses from one subgraph to another. */
  #weightOf(parent: GraphQLCompositeType, { name, type }: GraphQLField<unknown, unknown>): number {
    return this.#limits.weightOf(parent.name, name) ?? (isCompositeType(getNamedType(type)) ? 3 : 1);
  }

  #hasRoomFor(field: GraphQLField<unknown, unknown>, { depth, items }: Place): boolean {
    const { maxDepth, maxItems, assumedListSize } = this.#limits;
    return depth < maxDepth && (!isList(field) || items * assumedListSize <= maxItems);
  }

  /** Short ones, and names of other fields, which tempt whoever confuses the two. */
  #alias(parent: GraphQLCompositeType): string {
    const others = isUnionType(parent) ? [] : Object.keys(parent.getFields());
    return this.#chance.pick(this.#chance.happens(50) ? shortAliases : others);
  }

  #arguments(parent: GraphQLCompositeType, field: GraphQLField<unknown, unknown>): ArgumentNode[] {
    return field.args.flatMap((argument) => {
      const place = placeOf(parent, field, argument);
      const isWanted = isRequiredArgument(argument) || this.#chance.happens(55);
      if (!isWanted || !this.#values.canFill(place)) return [];
      return [{ kind: Kind.ARGUMENT, name: nameNode(argument.name), value: this.#values.make(place) }];
    });
  }

  #conditions({ depth }: Place): DirectiveNode[] {
    // What is skipped at the root takes all that would have been tested along.
    if (!this.#chance.happens(depth === 1 ? 5 : 12)) return [];
    const names = this.#chance.happens(85) ? [this.#chance.pick(conditions)] : conditions;
    return names.map((name) => {
      const type = this.#schema.getDirective(name)?.args[0]?.type;
      if (!type) throw new TypeError(`Expected the schema to have @${name}, but it has not`);
      const value = this.#values.make({ coordinate: `@${name}(if:)`, type });
      const argument: ArgumentNode = { kind: Kind.ARGUMENT, name: nameNode('if'), value };
      return { kind: Kind.DIRECTIVE, name: nameNode(name), arguments: [argument] };
    });
  }

  #fragment(parent: GraphQLCompositeType, place: Place): SelectionNode | undefined {
    const reused = this.#chance.happens(35) && this.#chance.pickAny(this.#fragmentsFor(parent, place));
    if (reused) return this.#spread(reused, place);
    const condition = this.#typeCondition(parent);
    const type = condition ?? parent;
    const selectionSet = this.#selectionSet(type, { ...place, fragments: place.fragments + 1 });
    if (this.#chance.happens(30)) return this.#spread(this.#define(type, selectionSet, place), place);
    const inline: InlineFragmentNode = {
      kind: Kind.INLINE_FRAGMENT,
      ...(condition && { typeCondition: typeNode(condition) }),
      directives: this.#conditions(place),
      selectionSet,
    };
    return inline;
  }

  /** One that is still being written is not in the list: no fragment contains itself. */
  #fragmentsFor(parent: GraphQLCompositeType, { depth, items }: Place): readonly string[] {
    const fitting = this.#fragments.filter(({ definition, place }) => {
      const type = this.#schema.getType(definition.typeCondition.name.value);
      // Made deeper down or within more lists, it is within the bounds here as well.
      const isBounded = depth <= place.depth && items <= place.items;
      return isBounded && isCompositeType(type) && doTypesOverlap(this.#schema, type, parent);
    });
    return fitting.map(({ definition }) => definition.name.value);
  }

  #define(type: GraphQLCompositeType, selectionSet: SelectionSetNode, place: Place): string {
    const name = `Fragment${this.#fragments.length + 1}`;
    const kind = Kind.FRAGMENT_DEFINITION;
    const definition = { kind, name: nameNode(name), typeCondition: typeNode(type), selectionSet } as const;
    this.#fragments.push({ definition, place });
    return name;
  }

  #spread(name: string, place: Place): SelectionNode {
    return { kind: Kind.FRAGMENT_SPREAD, name: nameNode(name), directives: this.#conditions(place) };
  }

  /** A type that an object here may have; `undefined` for a fragment without a condition. */
  #typeCondition(parent: GraphQLCompositeType): GraphQLCompositeType | undefined {
    if (!isUnionType(parent) && this.#chance.happens(12)) return undefined;
    const possible = this.#composites.filter((type) => doTypesOverlap(this.#schema, type, parent));
    const objects = possible.filter((type): type is GraphQLObjectType => isObjectType(type));
    return this.#chance.pick(isAbstractType(parent) && this.#chance.happens(70) ? objects : possible);
  }
}

const conditions = ['skip', 'include'] as const;

/** A union has nothing but fragments, an interface is not worth much without them. */
function percentOfFragments(parent: GraphQLCompositeType): number {
  if (isUnionType(parent)) return 92;
  return isInterfaceType(parent) ? 50 : 14;
}

const isList = ({ type }: GraphQLField<unknown, unknown>): boolean => isListType(getNullableType(type));

const placeOf = (
  parent: GraphQLCompositeType,
  field: GraphQLField<unknown, unknown>,
  { name, type, defaultValue }: GraphQLArgument,
): InputPlace => ({ coordinate: `${parent.name}.${field.name}(${name}:)`, type, defaultValue });

const nameNode = (value: string): NameNode => ({ kind: Kind.NAME, value });

const typeNode = ({ name }: GraphQLCompositeType): NamedTypeNode => ({
  kind: Kind.NAMED_TYPE,
  name: nameNode(name),
});

const typenameNode = (): FieldNode => ({ kind: Kind.FIELD, name: nameNode('__typename') });
