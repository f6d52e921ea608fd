import {
  getNamedType,
  getNullableType,
  GraphQLNonNull,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isRequiredInputField,
  Kind,
  type ConstValueNode,
  type GraphQLEnumType,
  type GraphQLInputField,
  type GraphQLInputObjectType,
  type GraphQLInputType,
  type ValueNode,
} from 'graphql';

import type { Chance } from './chance.ts';
import { toLiteral } from './literals.ts';

/**
 * JSON values to choose from, by type (`ID`, `DateTime`) or by the place that takes them (`Query.post(id:)`,
 * `PostFilterInput.tag`); the place counts first. For a list they are its items.
 */
export type KnownValues = Readonly<Record<string, readonly unknown[]>>;

/** A place that takes a value. */
export interface InputPlace {
  /** `Type.field(argument:)`, `InputType.field` or `@directive(argument:)`. */
  readonly coordinate: string;
  readonly type: GraphQLInputType;
  /** What it takes when nothing is given; absent when there is none. */
  readonly defaultValue?: unknown;
  /** A field of a `@oneOf` input, where only a variable that cannot be null may stand. */
  readonly isOneOf?: boolean;
}

/** A variable of the document: every operation that uses it declares it alike. */
export interface RandomVariable {
  readonly name: string;
  readonly type: GraphQLInputType;
  readonly defaultValue?: ConstValueNode;
  /** The value of the request; absent when the request leaves it out. */
  readonly value?: unknown;
}

const valuesOfBuiltIns: KnownValues = {
  ID: ['1', '2', 'a', 3],
  String: ['', 'a', 'text with "quotes", a \\ and\na line', 'ünïcode 🚲'],
  Int: [0, 1, 2, 10, -1, 2_147_483_647],
  Float: [0, 1, -0.5, 12.25, 1e21],
  Boolean: [true, false],
};

/** How deep input objects contain each other. */
const maxDepth = 3;

/** Makes values for arguments, as literals or as variables that it keeps a list of. */
export class RandomValues {
  readonly variables: RandomVariable[] = [];
  readonly #chance: Chance;
  readonly #known: KnownValues;

  constructor(chance: Chance, known: KnownValues) {
    this.#chance = chance;
    this.#known = known;
  }

  /** False for a place whose type has no values that could be made up: a custom scalar that nobody gave any for. */
  canFill({ coordinate, type }: InputPlace): boolean {
    const named = getNamedType(type);
    if (isInputObjectType(named)) {
      const fields = Object.values(named.getFields()).filter(isRequiredInputField);
      return fields.every((field) => this.canFill(placeOf(named, field)));
    }
    return isEnumType(named) || this.#valuesFor(coordinate, named.name).length > 0;
  }

  /** A value for a place: a literal, a variable, or a literal with variables inside. */
  make(place: InputPlace, depth = 0): ValueNode {
    if (this.#chance.happens(depth === 0 ? 35 : 12)) return this.#variable(place);
    const type = getNullableType(place.type);
    if (this.#isNull(place)) return { kind: Kind.NULL };
    if (isListType(type)) {
      const items = { ...withoutDefault(place), type: type.ofType };
      if (this.#chance.happens(10)) return toLiteral(this.#json(items, depth + 1), type);
      return { kind: Kind.LIST, values: this.#chance.list(0, 3, () => this.make(items, depth + 1)) };
    }
    if (!isInputObjectType(type))
      return toLiteral(this.#json({ ...place, type: nonNull(type) }, depth), type);
    return {
      kind: Kind.OBJECT,
      fields: this.#fieldsOf(type, depth).map((field) => ({
        kind: Kind.OBJECT_FIELD,
        name: { kind: Kind.NAME, value: field.name },
        value: this.make(placeOf(type, field), depth + 1),
      })),
    };
  }

  #isNull({ type }: InputPlace): boolean {
    return !isNonNullType(type) && this.#chance.happens(8);
  }

  #json(place: InputPlace, depth: number): unknown {
    if (this.#isNull(place)) return null;
    const type = getNullableType(place.type);
    if (isListType(type)) {
      const items = { ...withoutDefault(place), type: type.ofType };
      // A single value stands for a list of one (https://spec.graphql.org/October2021/#sec-List.Input-Coercion).
      if (this.#chance.happens(10)) return this.#json({ ...items, type: nonNull(items.type) }, depth + 1);
      return this.#chance.list(0, 3, () => this.#json(items, depth + 1));
    }
    if (isEnumType(type)) return this.#enumValue(type, place.coordinate);
    if (!isInputObjectType(type)) return this.#chance.pick(this.#valuesFor(place.coordinate, type.name));
    return Object.fromEntries(
      this.#fieldsOf(type, depth).map((field) => [field.name, this.#json(placeOf(type, field), depth + 1)]),
    );
  }

  #enumValue(type: GraphQLEnumType, coordinate: string): unknown {
    const known = this.#valuesFor(coordinate, type.name);
    return this.#chance.pick(known.length > 0 ? known : type.getValues().map(({ name }) => name));
  }

  #fieldsOf(type: GraphQLInputObjectType, depth: number): readonly GraphQLInputField[] {
    const fillable = Object.values(type.getFields()).filter((field) => this.canFill(placeOf(type, field)));
    if (type.isOneOf) return [this.#chance.pick(fillable)];
    const isLeaf = (field: GraphQLInputField) => !isInputObjectType(getNamedType(field.type));
    return fillable.filter(
      (field) =>
        isRequiredInputField(field) ||
        ((depth < maxDepth || isLeaf(field)) && this.#chance.happens(isLeaf(field) ? 40 : 25)),
    );
  }

  #variable(place: InputPlace): ValueNode {
    const known = this.variables.filter((variable) => this.#fits(variable, place));
    const variable = (this.#chance.happens(30) && this.#chance.pickAny(known)) || this.#newVariable(place);
    return { kind: Kind.VARIABLE, name: { kind: Kind.NAME, value: variable.name } };
  }

  /** Values that are known for one place only may be wrong for another of the same type. */
  #fits(variable: RandomVariable, place: InputPlace): boolean {
    return this.#origins.get(variable) === this.#originOf(place);
  }

  readonly #origins = new Map<RandomVariable, string>();

  #originOf({ coordinate, type, defaultValue }: InputPlace): string {
    const values = this.#known[coordinate] ? coordinate : '';
    return `${String(type)} ${defaultValue === undefined ? 'required' : 'optional'} ${values}`;
  }

  #newVariable(place: InputPlace): RandomVariable {
    const type = this.#typeOfVariable(place);
    const declared = { ...withoutDefault(place), type };
    const takesNull = !isNonNullType(place.type);
    const needsDefault = !takesNull && !isNonNullType(type) && place.defaultValue === undefined;
    const hasDefault = needsDefault || (!isNonNullType(type) && this.#chance.happens(25));
    const isGiven = isNonNullType(type) || this.#chance.happens(75);
    // A nullable variable may stand at a place that refuses null, and a null in it is an error of that place.
    const given = takesNull ? declared : { ...declared, type: nonNull(type) };
    const variable: RandomVariable = {
      name: `v${this.variables.length}`,
      type,
      ...(hasDefault && { defaultValue: toLiteral(this.#json(given, 1), type) }),
      ...(isGiven && { value: this.#json(given, 1) }),
    };
    this.variables.push(variable);
    this.#origins.set(variable, this.#originOf(place));
    return variable;
  }

  /** The place's own type, a stricter one, or a nullable one for a place that has a value anyway. */
  #typeOfVariable({ type, isOneOf }: InputPlace): GraphQLInputType {
    if (isOneOf) return type;
    if (isNonNullType(type)) return this.#chance.happens(30) ? type.ofType : type;
    return this.#chance.happens(40) ? nonNull(type) : type;
  }

  #valuesFor(coordinate: string, type: string): readonly unknown[] {
    return this.#known[coordinate] ?? this.#known[type] ?? valuesOfBuiltIns[type] ?? [];
  }
}

const placeOf = (type: GraphQLInputObjectType, field: GraphQLInputField): InputPlace => ({
  coordinate: `${type.name}.${field.name}`,
  type: type.isOneOf ? nonNull(field.type) : field.type,
  defaultValue: field.defaultValue,
  isOneOf: type.isOneOf,
});

const withoutDefault = ({ coordinate, type }: InputPlace): InputPlace => ({ coordinate, type });

const nonNull = (type: GraphQLInputType): GraphQLInputType =>
  isNonNullType(type) ? type : new GraphQLNonNull(type);
