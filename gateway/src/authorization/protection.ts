import type { DocumentNode } from 'graphql';

import { createFieldDependencies, type FieldDependencies } from './field-dependencies.ts';
import { createOwnRequirements, type OwnRequirements } from './own-requirements.ts';
import { readRequirements, type Requirement } from './requirement.ts';
import type { TypeGraph } from './type-graph.ts';

/**
 * What a caller must be able to show to see the object types and fields of a supergraph: their own requirements, those
 * of what they return, and those of everything that they are computed from.
 */
export class Protection {
  readonly #types: TypeGraph;
  readonly #own: OwnRequirements;
  readonly #dependencies: FieldDependencies;
  readonly #known = new Map<string, readonly Requirement[]>();
  /** False spares everybody the search in a supergraph that protects nothing. */
  readonly isNeeded: boolean;

  constructor(supergraph: DocumentNode, types: TypeGraph) {
    const written = readRequirements(supergraph);
    this.#types = types;
    this.#own = createOwnRequirements(written, types);
    this.isNeeded = written.size > 0;
    this.#dependencies = this.isNeeded ? createFieldDependencies(supergraph, types) : () => [];
  }

  /** For any field of an object type. */
  ofType(type: string): readonly Requirement[] {
    return this.#own.ofType(type);
  }

  /** For one field of an object type: all of these. */
  ofField(type: string, field: string): readonly Requirement[] {
    const coordinate = `${type}.${field}`;
    const known = this.#known.get(coordinate);
    if (known) return known;
    const requirements = distinct([...this.#collect(type, field, new Set())]);
    this.#known.set(coordinate, requirements);
    return requirements;
  }

  /** One list for each object type that a field of an interface or a union may return; none for other fields. */
  ofReturnedTypes(type: string, field: string): readonly (readonly Requirement[])[] {
    const returned = this.#types.field(type, field)?.returns ?? '';
    if (!this.#isAbstract(returned)) return [];
    return this.#types.possibleTypes(returned).map((possible) => this.ofType(possible));
  }

  *#collect(type: string, field: string, seen: Set<string>): Generator<Requirement> {
    const coordinate = `${type}.${field}`;
    if (seen.has(coordinate)) return;
    seen.add(coordinate);
    yield* this.#own.ofType(type);
    yield* this.#own.ofField(type, field);
    // An object or, in supergraphs of older composers, a scalar or an enum. Of an interface the types have their own.
    const returned = this.#types.field(type, field)?.returns ?? '';
    if (!this.#isAbstract(returned)) yield* this.#own.ofType(returned);
    for (const needed of this.#dependencies(type, field))
      yield* this.#collect(needed.type, needed.field, seen);
  }

  #isAbstract(type: string): boolean {
    return !this.#types.isObject(type) && this.#types.possibleTypes(type).length > 0;
  }
}

export const distinct = (requirements: readonly Requirement[]): readonly Requirement[] => [
  ...new Map(requirements.map((requirement) => [requirement.id, requirement])).values(),
];
