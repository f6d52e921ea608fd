import { memoize } from './memoize.ts';
import type { Requirement, RequirementsByCoordinate } from './requirement.ts';
import type { TypeGraph } from './type-graph.ts';

/** The requirements of object types and their fields themselves, without what follows from other fields. */
export interface OwnRequirements {
  ofType(type: string): readonly Requirement[];
  ofField(type: string, field: string): readonly Requirement[];
}

/**
 * Composition copies a requirement from an object up to its interfaces, as a summary; there it says nothing about the
 * other implementations. It goes the other way in two cases: an interface object's field is the field of all
 * implementations, and a supergraph of an older composer may have a requirement at an interface that no implementation
 * explains.
 */
export function createOwnRequirements(written: RequirementsByCoordinate, types: TypeGraph): OwnRequirements {
  const at = (coordinate: string) => written.get(coordinate) ?? [];

  const inheritedByType = memoize((parent: string) =>
    withoutExplained(at(parent), types.possibleTypes(parent).map(at)),
  );

  const inheritedByField = memoize((parent: string, field: string) => {
    const ofParent = at(`${parent}.${field}`);
    if (ofParent.length === 0 || comesFromInterfaceObject(types, parent, field)) return ofParent;
    return withoutExplained(
      ofParent,
      types.possibleTypes(parent).map((type) => at(`${type}.${field}`)),
    );
  });

  return {
    ofType: (type) => [...at(type), ...types.interfacesOf(type).flatMap(inheritedByType)],
    ofField: (type, field) => [
      ...at(`${type}.${field}`),
      ...types.interfacesOf(type).flatMap((parent) => inheritedByField(parent, field)),
    ],
  };
}

/** True for a field of an interface that some subgraph resolves on an interface object. */
export function comesFromInterfaceObject(types: TypeGraph, parent: string, field: string): boolean {
  const graphs = types.joinsOf(parent).flatMap((join) => (join.isInterfaceObject ? [join.graph] : []));
  const joins = types.field(parent, field)?.joins ?? [];
  // Without joins the field is one of every subgraph that has the type.
  return joins.length === 0 ? graphs.length > 0 : joins.some(({ graph }) => graphs.includes(graph ?? ''));
}

/** The requirements of an interface that its implementations together do not have. */
function withoutExplained(
  ofInterface: readonly Requirement[],
  ofImplementations: readonly (readonly Requirement[])[],
): readonly Requirement[] {
  return ofInterface.filter((requirement) => {
    const sameKind = ofImplementations.flat().filter(({ kind }) => kind === requirement.kind);
    return sameKind.length === 0 || !implies(conjunctionOf(sameKind), requirement.anyOf);
  });
}

type Lists = readonly (readonly string[])[];

/** More alternatives than composition itself could have multiplied; then nothing counts as explained. */
const maxAlternatives = 4096;

/** The lists of a requirement that asks for all of some requirements; empty when there are too many. */
function conjunctionOf(requirements: readonly Requirement[]): Lists {
  const distinct = new Map(requirements.map(({ id, anyOf }) => [id, anyOf]));
  let all: Lists = [[]];
  for (const anyOf of distinct.values()) {
    // The composer takes an empty list for one that asks for nothing.
    const alternatives = anyOf.length > 0 ? anyOf : [[]];
    if (all.length * alternatives.length > maxAlternatives) return [];
    all = all.flatMap((one) => alternatives.map((other) => [...new Set([...one, ...other])]));
  }
  return all;
}

/** Whether whoever has one of the first lists has one of the second; nothing is known of no lists at all. */
const implies = (first: Lists, second: Lists): boolean =>
  first.length > 0 &&
  (second.length === 0 ||
    first.every((one) => second.some((other) => other.every((name) => one.includes(name)))));
