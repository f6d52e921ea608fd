import {
  Kind,
  valueFromASTUntyped,
  visit,
  type ASTNode,
  type ConstDirectiveNode,
  type DocumentNode,
} from 'graphql';

const supported = ['core', 'link', 'join', 'tag', 'inaccessible'];

/**
 * Copies a supergraph without the features that stock `@apollo/gateway` refuses to load (`@authenticated`,
 * `@requiresScopes`, `@policy`, `@context`, `@cacheTag` and whatever comes next of that kind): their links, their
 * definitions and every application.
 *
 * Nothing is lost that this engine could have enforced: every fetch carries the caller's identity, so subgraphs decide,
 * and what a caller may not see makes the gateway refuse the operation before.
 */
export function withoutUnsupportedFeatures(supergraph: DocumentNode): DocumentNode {
  const features = linksOf(supergraph).filter(isUnsupported);
  if (features.length === 0) return supergraph;
  const isRemoved = createNameTest(features);
  const removeIf = (name: string) => (isRemoved(name) ? null : undefined);
  return visit(supergraph, {
    Directive: (node) =>
      isAbout(node, features, isRemoved) ? null : withoutContextArguments(node, isRemoved),
    DirectiveDefinition: (node) => removeIf(`@${node.name.value}`),
    ScalarTypeDefinition: (node) => removeIf(node.name.value),
    EnumTypeDefinition: (node) => removeIf(node.name.value),
    InputObjectTypeDefinition: (node) => removeIf(node.name.value),
  });
}

interface Feature {
  readonly url: string;
  /** The last part of the URL before the version. */
  readonly name: string;
  readonly as: string | undefined;
  readonly purpose: string | undefined;
  /** Names that the schema uses without the feature's prefix; directives begin with `@`. */
  readonly imports: readonly string[];
}

function linksOf(supergraph: DocumentNode): readonly Feature[] {
  const schema = supergraph.definitions.filter(
    (definition) => definition.kind === Kind.SCHEMA_DEFINITION || definition.kind === Kind.SCHEMA_EXTENSION,
  );
  return schema
    .flatMap(({ directives = [] }) => directives)
    .filter(({ name }) => name.value === 'link')
    .map((link) => {
      const url = textOf(link, 'url') ?? '';
      return {
        url,
        name: url.split('/').at(-2) ?? '',
        as: textOf(link, 'as'),
        purpose: textOf(link, 'for'),
        imports: ((argumentOf(link, 'import') ?? []) as (string | { name: string; as?: string })[]).map(
          (entry) => (typeof entry === 'string' ? entry : (entry.as ?? entry.name)),
        ),
      };
    });
}

/** A feature without a purpose may be ignored by whoever does not know it: stock does so itself. */
const isUnsupported = ({ url, name, purpose }: Feature): boolean =>
  purpose !== undefined && !(url.startsWith('https://specs.apollo.dev/') && supported.includes(name));

function createNameTest(features: readonly Feature[]): (name: string) => boolean {
  const names = new Set(features.flatMap(({ name, as, imports }) => [`@${as ?? name}`, ...imports]));
  const prefixes = features.map(({ name, as }) => `${as ?? name}__`);
  return (name) => names.has(name) || prefixes.some((prefix) => name.replace(/^@/, '').startsWith(prefix));
}

/** True for an application of the feature, its link, and what `@join__directive` says about it for a subgraph. */
function isAbout(
  node: { readonly name: { readonly value: string } },
  features: readonly Feature[],
  isRemoved: (name: string) => boolean,
): boolean {
  const directive = node as ConstDirectiveNode;
  const name = directive.name.value;
  if (isRemoved(`@${name}`)) return true;
  const isLink = (url: unknown) => features.some((feature) => feature.url === url);
  if (name === 'link') return isLink(argumentOf(directive, 'url'));
  if (name !== 'join__directive') return false;
  // A subgraph names what it did not import by its full name.
  const inner = textOf(directive, 'name')?.replace(/^federation__/, '');
  const args = argumentOf(directive, 'args') as { url?: unknown } | undefined;
  return inner === 'link' ? isLink(args?.url) : isRemoved(`@${inner}`);
}

/** With `@context` gone, its arguments are not filled in: they are nullable by rule, and absent is null. */
function withoutContextArguments<T extends ASTNode & { readonly name: { readonly value: string } }>(
  node: T,
  isRemoved: (name: string) => boolean,
): T | undefined {
  if (node.name.value !== 'join__field' || !isRemoved('@context') || !('arguments' in node)) return undefined;
  const args = (node as ConstDirectiveNode).arguments ?? [];
  return { ...node, arguments: args.filter(({ name }) => name.value !== 'contextArguments') };
}

function argumentOf(directive: ConstDirectiveNode, wanted: string): unknown {
  const value = directive.arguments?.find(({ name }) => name.value === wanted)?.value;
  return value && valueFromASTUntyped(value);
}

const textOf = (directive: ConstDirectiveNode, wanted: string): string | undefined => {
  const value = argumentOf(directive, wanted);
  return typeof value === 'string' ? value : undefined;
};
