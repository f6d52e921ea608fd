import { directivesByCoordinate, isOurs, linkedSubgraphs, readLinks } from '@tributary/directives';
import { Kind, OperationTypeNode, type DocumentNode } from 'graphql';

import type { Supergraph } from '../supergraph/read-supergraph.ts';
import { memoize } from './memoize.ts';
import { readProtection } from './read-protection.ts';
import { selectedFields, type SelectedField } from './selected-fields.ts';
import type { TypeGraph } from './type-graph.ts';

/**
 * Whether a fetch of a subgraph carries the caller's identity. The fetches of a mutation all do, also those that read:
 * this sees one fetch and knows a mutation by its keyword only.
 */
export type IdentityRule = (subgraph: string, operation: DocumentNode) => boolean;

/**
 * Identity goes only where an answer is declared to depend on it: to fetches whose selection can reach something that
 * is marked `@personal` or protected, itself, by its parent, by what it returns, or by an implementation of those. What
 * carries none is equal for everybody and may be shared. Subgraphs that do not link our specification get it always:
 * nobody said there what is personal.
 *
 * @example carriesIdentity('users', parse('{ me { name } }')) // true
 */
export function createIdentityRule({ document }: Pick<Supergraph, 'document'>): IdentityRule {
  const { types, protection } = readProtection(document);
  const linked = linkedSubgraphs(document);
  const isPersonal = createPersonalTest(document, types);

  const isProtected = (type: string, name: string) =>
    protection.ofField(type, name).length > 0 || protection.ofReturned(type, name).any.length > 0;

  const dependsOnCaller = memoize((parent: string, name: string): boolean => {
    if (!types.has(parent)) return !isTypename(name);
    if (isPersonal(parent, name)) return true;
    const objects = types.possibleTypes(parent);
    if (isTypename(name)) return objects.some((type) => protection.ofType(type).length > 0);
    const isKnown = [parent, ...objects].some((type) => types.field(type, name));
    return !isKnown || objects.some((type) => isProtected(type, name));
  });

  const isOfCaller = ({ parent, name }: SelectedField): boolean => {
    if (isEntry(name)) return false;
    return parent === undefined ? !isTypename(name) : dependsOnCaller(parent, name);
  };

  return (subgraph, operation) =>
    !linked.has(subgraph) || isMutation(operation) || selectedFields(operation, types).some(isOfCaller);
}

const isMutation = ({ definitions }: DocumentNode): boolean =>
  definitions.some(
    (definition) =>
      definition.kind === Kind.OPERATION_DEFINITION && definition.operation === OperationTypeNode.MUTATION,
  );

/** The field by which entities are fetched; what is selected beneath counts. */
const isEntry = (name: string): boolean => name === '_entities';

const isTypename = (name: string): boolean => name === '__typename';

/** A mark at an interface is meant for its implementations, and what reaches an interface may reach any of those. */
function createPersonalTest(supergraph: DocumentNode, types: TypeGraph) {
  const link = readLinks(supergraph).find(isOurs);
  const marks = new Set(link ? directivesByCoordinate(supergraph, link.nameOf('personal')).keys() : []);

  /** The type, all that it may be, and all that those implement. */
  const around = memoize((type: string): readonly string[] => {
    const objects = types.possibleTypes(type);
    return [
      ...new Set([type, ...objects, ...[type, ...objects].flatMap((name) => types.interfacesOf(name))]),
    ];
  });
  const reachesMarkedType = memoize((type: string): boolean => around(type).some((name) => marks.has(name)));

  return (parent: string, name: string): boolean =>
    around(parent).some((type) => {
      if (marks.has(type) || marks.has(`${type}.${name}`)) return true;
      const returned = types.field(type, name)?.returns;
      return returned !== undefined && reachesMarkedType(returned);
    });
}
