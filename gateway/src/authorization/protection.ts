import type { DocumentNode } from 'graphql';

import { createFieldDependencies, type FieldDependencies } from './field-dependencies.ts';
import { memoize } from './memoize.ts';
import { createOwnRequirements, type OwnRequirements } from './own-requirements.ts';
import { readRequirements, type Requirement } from './requirement.ts';
import type { TypeGraph } from './type-graph.ts';

/** What the object types need that an interface or a union stands for; nothing of other types. */
export interface AbstractNeeds {
  /** All that any of them needs. */
  readonly any: readonly Requirement[];
  /** What each of them needs, equal lists once. */
  readonly each: readonly (readonly Requirement[])[];
}

/**
 * What a caller must be able to show to see the object types and fields of a supergraph: their own requirements, those
 * of what they return, and those of everything that they are computed from.
 */
export class Protection {
  readonly #types: TypeGraph;
  readonly #own: OwnRequirements;
  readonly #dependencies: FieldDependencies;
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
  readonly ofType = memoize((type: string): readonly Requirement[] => this.#own.ofType(type));

  /** For one field of an object type: all of these. */
  readonly ofField = memoize((type: string, field: string): readonly Requirement[] =>
    distinct([...this.#collect(type, field, new Set())]),
  );

  /** For the types that a field may return, where these are several. */
  ofReturned(type: string, field: string): AbstractNeeds {
    return this.#ofAbstract(this.#types.field(type, field)?.returns ?? '');
  }

  readonly #ofAbstract = memoize((type: string): AbstractNeeds => {
    if (!this.#isAbstract(type)) return nothing;
    const each = this.#types.possibleTypes(type).map((possible) => this.ofType(possible));
    const byText = new Map(
      each.map((requirements) => [requirements.map(({ id }) => id).join(), requirements]),
    );
    return { any: distinct(each.flat()), each: [...byText.values()] };
  });

  *#collect(type: string, field: string, seen: Set<string>): Generator<Requirement> {
    const coordinate = `${type}.${field}`;
    if (seen.has(coordinate)) return;
    seen.add(coordinate);
    yield* this.ofType(type);
    yield* this.#own.ofField(type, field);
    // An object or, in supergraphs of older composers, a scalar or an enum. Of an interface the types have their own.
    const returned = this.#types.field(type, field)?.returns ?? '';
    if (!this.#isAbstract(returned)) yield* this.ofType(returned);
    for (const needed of this.#dependencies(type, field))
      yield* this.#collect(needed.type, needed.field, seen);
  }

  #isAbstract(type: string): boolean {
    return !this.#types.isObject(type) && this.#types.possibleTypes(type).length > 0;
  }
}

const nothing: AbstractNeeds = { any: [], each: [] };

export const distinct = (requirements: readonly Requirement[]): readonly Requirement[] => [
  ...new Map(requirements.map((requirement) => [requirement.id, requirement])).values(),
];
