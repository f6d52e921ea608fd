import { readLinks } from '@tributary/directives';
import { toError } from '@tributary/errors';
import type { DocumentNode } from 'graphql';

import type { Refusals } from '../engine/answer/refusals.ts';
import type { Principal } from '../identity/principal.ts';
import { onceForEach } from '../once-for-each.ts';
import type { Supergraph } from '../supergraph/read-supergraph.ts';
import type { Protection } from './protection.ts';
import { readProtection } from './read-protection.ts';
import { isGranted, type Requirement } from './requirement.ts';
import { selectedFields } from './selected-fields.ts';
import type { TypeGraph } from './type-graph.ts';

/** What a caller may not see, and a text that is the same for callers who lack the same: they share plans. */
export type KeyedRefusals = Refusals & { readonly key: string };

/** What an operation asks of its caller, all of it distinct; the same object for the same document. */
export interface AuthNeeds {
  readonly requirements: readonly Requirement[];
  /** Of all requirements, for those who evaluate them. */
  readonly policies: readonly string[];
}

/** Says which of some policies a caller fulfils. */
export type EvaluatePolicies = (
  principal: Principal,
  policies: readonly string[],
) => Iterable<string> | Promise<Iterable<string>>;

export interface AuthorizerOptions {
  /** When it fails, nothing is granted. @default grants nothing */
  readonly evaluatePolicies?: EvaluatePolicies | undefined;
  /** Told why {@link evaluatePolicies} failed. @default nobody */
  readonly onPolicyFailure?: ((failure: Error) => void) | undefined;
}

/** Decides who may see what of one supergraph. */
export interface Authorizer {
  /** What an operation of the API schema asks of its caller: once for each operation, when it is compiled. */
  needsOf(operation: DocumentNode): AuthNeeds;
  /** `undefined` for a caller who may see everything. A promise only where a policy must be evaluated by one. */
  refusalsFor(
    needs: AuthNeeds,
    principal: Principal,
  ): KeyedRefusals | undefined | Promise<KeyedRefusals | undefined>;
}

/**
 * Reads who may see what from `@authenticated`, `@requiresScopes` and `@policy`.
 *
 * @example
 * const needs = authorizer.needsOf(parse('{ user(id: 1) { name email } }'));
 * const refusals = await authorizer.refusalsFor(needs, anonymous);
 * refusals?.isRefused('User', 'email'); // true
 * @throws {Error} for a supergraph with a security feature that nobody here enforces
 */
export function createAuthorizer(
  { document }: Pick<Supergraph, 'document'>,
  options: AuthorizerOptions = {},
): Authorizer {
  refuseUnknownSecurity(document);
  const { types, protection } = readProtection(document);

  const refusalsOf = (needs: AuthNeeds, principal: Principal, policies: ReadonlySet<string>) => {
    const missing = needs.requirements.filter((requirement) => !isGranted(requirement, principal, policies));
    return missing.length === 0 ? undefined : createRefusals(missing, protection);
  };

  return {
    needsOf: onceForEach((operation: DocumentNode) => findNeeds(operation, types, protection)),
    refusalsFor: (needs, principal) => {
      if (needs.requirements.length === 0) return undefined;
      if (needs.policies.length === 0) return refusalsOf(needs, principal, none);
      const granted = evaluate(options, principal, needs.policies);
      return granted instanceof Promise
        ? granted.then((policies) => refusalsOf(needs, principal, policies))
        : refusalsOf(needs, principal, granted);
    },
  };
}

const none: ReadonlySet<string> = new Set();
const noNeeds: AuthNeeds = Object.freeze({ requirements: [], policies: [] });

const enforced = ['authenticated', 'requiresScopes', 'policy', 'inaccessible', 'context'].map(
  (name) => `https://specs.apollo.dev/${name}`,
);

/** https://specs.apollo.dev/link/v1.0/#Purpose: who does not know such a feature must not serve the schema. */
function refuseUnknownSecurity(supergraph: DocumentNode): void {
  const unknown = readLinks(supergraph).find(
    ({ identity, purpose }) => purpose === 'SECURITY' && !enforced.includes(identity),
  );
  if (!unknown) return;
  throw new Error(
    `Expected security features that are enforced here, but the supergraph has ${unknown.identity}`,
  );
}

function findNeeds(operation: DocumentNode, types: TypeGraph, protection: Protection): AuthNeeds {
  if (!protection.isNeeded) return noNeeds;
  const found = new Map<string, Requirement>();
  const need = (requirement: Requirement) => found.set(requirement.id, requirement);
  for (const { parent, name } of selectedFields(operation, types)) {
    if (name.startsWith('__')) continue;
    const objects = parent === undefined ? [] : types.possibleTypes(parent);
    // A field that nobody knows cannot be said to be for everybody.
    if (objects.length === 0) throw new Error(`Expected a field of the schema, but got ${parent}.${name}`);
    for (const type of objects) {
      protection.ofField(type, name).forEach(need);
      protection.ofReturned(type, name).any.forEach(need);
    }
  }
  const requirements = [...found.values()].toSorted((one, other) => (one.id < other.id ? -1 : 1));
  const policies = requirements.flatMap(({ kind, anyOf }) => (kind === 'policies' ? anyOf.flat() : []));
  return { requirements, policies: [...new Set(policies)] };
}

function createRefusals(missing: readonly Requirement[], protection: Protection): KeyedRefusals {
  const ids = new Set(missing.map(({ id }) => id));
  const isMissing = ({ id }: Requirement) => ids.has(id);
  return {
    key: JSON.stringify([...ids]),
    isRefused: (type, field) => {
      // The answer writer asks so whether a type as a whole may not be seen.
      if (field === '__typename') return protection.ofType(type).some(isMissing);
      if (field.startsWith('__')) return false;
      if (protection.ofField(type, field).some(isMissing)) return true;
      // Where none of the types may be seen that an interface or a union stands for, there is nothing to ask for.
      const { each } = protection.ofReturned(type, field);
      return each.length > 0 && each.every((requirements) => requirements.some(isMissing));
    },
  };
}

function evaluate(
  { evaluatePolicies, onPolicyFailure }: AuthorizerOptions,
  principal: Principal,
  policies: readonly string[],
): ReadonlySet<string> | Promise<ReadonlySet<string>> {
  if (!evaluatePolicies) return none;
  const fail = (error: unknown): ReadonlySet<string> => {
    onPolicyFailure?.(toError(error));
    return none;
  };
  try {
    const granted = evaluatePolicies(principal, policies);
    if (!(granted instanceof Promise)) return new Set(granted);
    return granted.then((names) => new Set(names)).catch(fail);
  } catch (error: unknown) {
    return fail(error);
  }
}
