import {
  GraphQLError,
  getNamedType,
  isEnumType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  type GraphQLNamedType,
  type GraphQLOutputType,
  type GraphQLSchema,
} from 'graphql';

import { Dice } from './dice.ts';

/** What a field of an object has, before anybody writes it down. */
export type Modelled =
  | { readonly kind: 'null' }
  /** Missing with a reason. */
  | { readonly kind: 'failed'; readonly error: GraphQLError }
  /** JSON that the type does not have. */
  | { readonly kind: 'wrong'; readonly json: unknown }
  | { readonly kind: 'leaf'; readonly json: unknown }
  | { readonly kind: 'list'; readonly items: readonly Modelled[] }
  | ModelledObject;

export interface ModelledObject {
  readonly kind: 'object';
  readonly typeName: string;
  readonly id: string;
}

/** How often something is not as it should be, in 1,000 values. */
export interface Troubles {
  readonly forbiddenNulls: number;
  readonly failures: number;
  readonly wrongs: number;
}

/** The world that all readers see: every field of every object, the same for the same seed. */
export class Model {
  readonly #seed: string;
  readonly #schema: GraphQLSchema;
  readonly #troubles: Troubles;
  readonly #known = new Map<string, Modelled>();

  constructor(seed: string, schema: GraphQLSchema, troubles: Troubles) {
    this.#seed = seed;
    this.#schema = schema;
    this.#troubles = troubles;
  }

  field(object: ModelledObject, name: string, args: string): Modelled {
    const key = `${this.#seed} ${object.typeName} ${object.id} ${name} ${args}`;
    let value = this.#known.get(key);
    if (!value) {
      const type = this.#schema.getType(object.typeName);
      const field = isObjectType(type) ? type.getFields()[name] : undefined;
      if (!field) throw new Error(`Expected ${object.typeName} to have a field ${name}`);
      this.#known.set(key, (value = this.#value(field.type, new Dice(key))));
    }
    return value;
  }

  #value(type: GraphQLOutputType, dice: Dice): Modelled {
    const { failures, wrongs, forbiddenNulls } = this.#troubles;
    if (dice.happens(failures)) return { kind: 'failed', error: new GraphQLError('failed') };
    if (dice.happens(isNonNullType(type) ? forbiddenNulls : 100)) return { kind: 'null' };
    const nullable = isNonNullType(type) ? type.ofType : type;
    const named = getNamedType(nullable);
    if (dice.happens(wrongs) && named.name !== 'Any')
      return { kind: 'wrong', json: wrongJson(nullable, dice) };
    if (isListType(nullable)) {
      const { ofType } = nullable;
      return { kind: 'list', items: Array.from({ length: dice.roll(4) }, () => this.#value(ofType, dice)) };
    }
    if (isLeafType(named)) return { kind: 'leaf', json: leafJson(named, dice) };
    const possible = isObjectType(named) ? [named] : this.#schema.getPossibleTypes(named);
    return { kind: 'object', typeName: dice.pick(possible).name, id: `${dice.roll(4)}` };
  }
}

function wrongJson(type: GraphQLOutputType, dice: Dice): unknown {
  if (isListType(type)) return dice.pick([{}, 'text', 1]);
  const named = getNamedType(type);
  if (!isLeafType(named)) {
    const others = isObjectType(named)
      ? []
      : [{ __typename: 'Nobody' }, { __typename: 5 }, { __typename: 'Query' }];
    return dice.pick([[], 'text', true, ...others]);
  }
  const wrong: Readonly<Record<string, readonly unknown[]>> = {
    Int: ['1', 1.5, 2 ** 31, true, [], {}],
    Float: ['1', true, [1], Infinity],
    Boolean: [1, 'true', {}],
    String: [1, true, ['a'], {}],
    ID: [1.5, true, {}],
    Kind: ['PURPLE', 1, ['RED'], 'toString'],
  };
  return dice.pick(wrong[named.name] ?? [{}]);
}

function leafJson(type: GraphQLNamedType, dice: Dice): unknown {
  if (isEnumType(type)) return dice.pick(type.getValues()).name;
  const right: Readonly<Record<string, readonly unknown[]>> = {
    Int: [0, -0, 1, -5, 2 ** 31 - 1, -(2 ** 31)],
    Float: [0, 1.5, -2.25, 1e21, 1e-9, 12345678901],
    Boolean: [true, false],
    String: [
      '',
      'plain',
      'quo"te',
      'back\\slash',
      'line\nbreak',
      '\u0000',
      'ünï 🚲',
      '\ud800 alone',
      '\u2028',
      '__proto__',
    ],
    ID: ['a', '1', 7, 0, -3, 'quo"te'],
    Any: [1, 'a', [1, { a: null }], { __proto: 1, b: [] }, false, {}],
  };
  return dice.pick(right[type.name] ?? [{}]);
}
