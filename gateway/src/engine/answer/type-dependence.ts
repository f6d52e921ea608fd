import {
  isCompositeType,
  isObjectType,
  type GraphQLCompositeType,
  type GraphQLObjectType,
  type GraphQLSchema,
} from 'graphql';

import { isFieldRefused, isTypeRefused, type Refusals } from './refusals.ts';
import type { FieldSelection, Selections } from './selection.ts';

/**
 * Tells whether an answer differs by the type of the object that stands at an abstract place. Only then must the data
 * say the type: asking for it may cost a fetch where a subgraph knows an interface without its implementations.
 */
export class TypeDependence {
  readonly #schema: GraphQLSchema;
  readonly #refusals: Refusals;
  readonly #known = new Map<Selections, Map<GraphQLCompositeType, boolean>>();

  constructor(schema: GraphQLSchema, refusals: Refusals) {
    this.#schema = schema;
    this.#refusals = refusals;
  }

  hangsOnType(type: GraphQLCompositeType, selections: Selections): boolean {
    let byType = this.#known.get(selections);
    if (!byType) this.#known.set(selections, (byType = new Map()));
    let known = byType.get(type);
    if (known === undefined) byType.set(type, (known = this.#findOut(type, selections)));
    return known;
  }

  possibleTypes(type: GraphQLCompositeType): readonly GraphQLObjectType[] {
    return isObjectType(type) ? [type] : this.#schema.getPossibleTypes(type);
  }

  /** Those that are also of the other type. */
  narrow(types: readonly GraphQLObjectType[], other: string): readonly GraphQLObjectType[] {
    const type = this.#schema.getType(other);
    if (!isCompositeType(type)) return [];
    const others = new Set(this.possibleTypes(type));
    return types.filter((candidate) => others.has(candidate));
  }

  /** Whether every object of the one type is also of the other. */
  isWithin(type: GraphQLCompositeType, other: GraphQLCompositeType): boolean {
    if (type === other) return true;
    const others = new Set(this.possibleTypes(other));
    return this.possibleTypes(type).every((candidate) => others.has(candidate));
  }

  isRefused(type: GraphQLObjectType, { definition }: FieldSelection): boolean {
    const field = type.getFields()[definition.name];
    return field !== undefined && isFieldRefused(this.#refusals, type, field);
  }

  #findOut(type: GraphQLCompositeType, selections: Selections): boolean {
    const possible = this.possibleTypes(type);
    if (possible.some((candidate) => isTypeRefused(this.#refusals, candidate))) return true;
    return selections.some((selection) =>
      selection.kind === 'field'
        ? selection.dataKey === '__typename' || possible.some((each) => this.isRefused(each, selection))
        : !this.isWithin(type, selection.type) || this.hangsOnType(type, selection.selections),
    );
  }
}
