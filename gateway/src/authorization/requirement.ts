import { argumentOf, directivesByCoordinate, readLinks } from '@tributary/directives';
import type { ConstDirectiveNode, DocumentNode } from 'graphql';

import type { Principal } from '../identity/principal.ts';

/** One thing that a caller must be able to show. */
export interface Requirement {
  readonly kind: 'authenticated' | 'scopes' | 'policies';
  /** One of the lists, with everything in it; empty for `authenticated`. */
  readonly anyOf: readonly (readonly string[])[];
  /** The same for two requirements that ask for the same: the order of names does not matter. */
  readonly id: string;
}

/** The requirements that stand at the types and fields of a supergraph, by coordinate. */
export type RequirementsByCoordinate = ReadonlyMap<string, readonly Requirement[]>;

const directives = [
  { feature: 'authenticated', kind: 'authenticated', argument: undefined },
  { feature: 'requiresScopes', kind: 'scopes', argument: 'scopes' },
  { feature: 'policy', kind: 'policies', argument: 'policies' },
] as const;

/** Reads `@authenticated`, `@requiresScopes` and `@policy`, under whatever names the supergraph has them. */
export function readRequirements(supergraph: DocumentNode): RequirementsByCoordinate {
  const found = new Map<string, Requirement[]>();
  const links = readLinks(supergraph);
  for (const { feature, kind, argument } of directives) {
    const link = links.find(({ identity }) => identity === `https://specs.apollo.dev/${feature}`);
    if (!link) continue;
    for (const [coordinate, applications] of directivesByCoordinate(supergraph, link.nameOf(feature))) {
      const read = applications.map((application) => toRequirement(kind, listsOf(application, argument)));
      found.set(coordinate, [...(found.get(coordinate) ?? []), ...read]);
    }
  }
  return found;
}

/** Makes a requirement of the lists of a directive. */
function toRequirement(kind: Requirement['kind'], anyOf: readonly (readonly string[])[]): Requirement {
  const lists = anyOf.map((list) => [...new Set(list)].toSorted());
  const texts = [...new Set(lists.map((list) => JSON.stringify(list)))].toSorted();
  return { kind, anyOf: lists, id: `${kind}[${texts.join(',')}]` };
}

/**
 * Whether a caller has what a requirement asks for. A requirement that names nothing is met by nobody: it is a mistake,
 * and this is the safe side of it.
 */
export function isGranted(
  { kind, anyOf }: Requirement,
  principal: Principal,
  grantedPolicies: ReadonlySet<string>,
): boolean {
  if (kind === 'authenticated') return principal.sub !== undefined;
  const has =
    kind === 'scopes'
      ? (scope: string) => principal.scopes.includes(scope)
      : (policy: string) => grantedPolicies.has(policy);
  return anyOf.some((list) => list.length > 0 && list.every(has));
}

const listsOf = (
  application: ConstDirectiveNode,
  argument: string | undefined,
): readonly (readonly string[])[] =>
  argument === undefined ? [] : ((argumentOf(application, argument) ?? []) as readonly (readonly string[])[]);
