import {
  isTypeDefinitionNode,
  isTypeExtensionNode,
  valueFromASTUntyped,
  type ConstDirectiveNode,
  type DocumentNode,
  type TypeDefinitionNode,
  type TypeExtensionNode,
} from 'graphql';

/** A type of a document, as far as it is defined or extended in one place. */
export type TypeNode = TypeDefinitionNode | TypeExtensionNode;

/** The value of an argument; `undefined` where there is none. */
export function argumentOf(directive: ConstDirectiveNode, wanted: string): unknown {
  const value = directive.arguments?.find(({ name }) => name.value === wanted)?.value;
  return value && valueFromASTUntyped(value);
}

/** The types of a document, definitions and extensions alike. */
export const typesOf = ({ definitions }: DocumentNode): readonly TypeNode[] =>
  definitions.filter(
    (definition): definition is TypeNode =>
      isTypeDefinitionNode(definition) || isTypeExtensionNode(definition),
  );

/**
 * Where a directive stands on types and their fields, by schema coordinate.
 *
 * @example directivesByCoordinate(supergraph, 'requiresScopes').get('User.email') // [@requiresScopes(scopes: …)]
 */
export function directivesByCoordinate(
  document: DocumentNode,
  name: string,
): ReadonlyMap<string, readonly ConstDirectiveNode[]> {
  const found = new Map<string, ConstDirectiveNode[]>();
  const collect = (coordinate: string, directives: readonly ConstDirectiveNode[] = []) => {
    const applications = directives.filter((directive) => directive.name.value === name);
    if (applications.length > 0) found.set(coordinate, [...(found.get(coordinate) ?? []), ...applications]);
  };
  for (const type of typesOf(document)) {
    collect(type.name.value, type.directives);
    for (const field of 'fields' in type ? (type.fields ?? []) : []) {
      collect(`${type.name.value}.${field.name.value}`, field.directives);
    }
  }
  return found;
}
