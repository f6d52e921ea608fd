import {
  isCompositeType,
  isObjectType,
  type GraphQLCompositeType,
  type GraphQLObjectType,
  type GraphQLSchema,
} from 'graphql';

import { onceForEach } from '../../once-for-each.ts';
import { isFieldRefused, isTypeRefused, noRefusals, type Refusals } from './refusals.ts';
import type { Selections } from './selection.ts';

/**
 * Tells whether an answer differs by the type of the object that stands at an abstract place. Only then must the data
 * say the type: asking for it may cost a fetch where a subgraph knows an interface without its implementations.
 */
export class TypeDependence {
  readonly #schema: GraphQLSchema;
  readonly #refusals: Refusals;
  readonly #possible: PossibleTypes;
  readonly #known = new Map<Selections, Map<GraphQLCompositeType, boolean>>();
  readonly #allowed = new Map<string, readonly GraphQLObjectType[]>();

  constructor(schema: GraphQLSchema, refusals: Refusals) {
    this.#schema = schema;
    this.#refusals = refusals;
    this.#possible = possibleTypesOf(schema);
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

  /** Those of the possible types whose field may be seen; for `__typename`, those that may be seen at all. */
  allowedTypes(type: GraphQLCompositeType, field: string): readonly GraphQLObjectType[] {
    const possible = this.possibleTypes(type);
    if (this.#refusals === noRefusals) return possible;
    const key = `${type.name}.${field}`;
    let allowed = this.#allowed.get(key);
    if (!allowed) {
      allowed = possible.filter((each) => !this.isRefused(each, field));
      this.#allowed.set(key, allowed);
    }
    return allowed;
  }

  /** Those that are also of the other type. */
  narrow(types: readonly GraphQLObjectType[], other: string): readonly GraphQLObjectType[] {
    const type = this.#schema.getType(other);
    if (isObjectType(type)) return types.includes(type) ? [type] : [];
    if (!isCompositeType(type)) return [];
    const others = this.#possible(type);
    return types.filter((candidate) => others.has(candidate));
  }

  /** Whether every object of the one type is also of the other. */
  isWithin(type: GraphQLCompositeType, other: GraphQLCompositeType): boolean {
    if (type === other) return true;
    const others = this.#possible(other);
    return isObjectType(type) ? others.has(type) : this.#possible(type).isSubsetOf(others);
  }

  isRefused(type: GraphQLObjectType, name: string): boolean {
    if (name === '__typename') return isTypeRefused(this.#refusals, type);
    const field = type.getFields()[name];
    return field !== undefined && isFieldRefused(this.#refusals, type, field);
  }

  #findOut(type: GraphQLCompositeType, selections: Selections): boolean {
    const { length } = this.possibleTypes(type);
    if (this.allowedTypes(type, '__typename').length < length) return true;
    return selections.some((selection) =>
      selection.kind === 'field'
        ? selection.dataKey === '__typename' ||
          this.allowedTypes(type, selection.definition.name).length < length
        : !this.isWithin(type, selection.type) || this.hangsOnType(type, selection.selections),
    );
  }
}

type PossibleTypes = (type: GraphQLCompositeType) => ReadonlySet<GraphQLObjectType>;

/** Sets made once for a schema: an interface may have hundreds of implementations. */
const possibleTypesOf = onceForEach((schema: GraphQLSchema): PossibleTypes =>
  onceForEach((type) => new Set(isObjectType(type) ? [type] : schema.getPossibleTypes(type))),
);
