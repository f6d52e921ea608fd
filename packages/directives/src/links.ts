import { Kind, type ConstDirectiveNode, type DocumentNode } from 'graphql';

import { argumentOf } from './applications.ts';

/** One `@link` of a schema: a specification, and the names that the schema gives to what it takes from it. */
export interface LinkedFeature {
  /** The URL without its version: `https://specs.apollo.dev/authenticated`. */
  readonly identity: string;
  /** Of `v2.11`: 2. `NaN` for a URL without a version. */
  readonly majorVersion: number;
  /** `SECURITY` when whoever does not know the feature must not serve the schema. */
  readonly purpose: string | undefined;
  /**
   * What the schema calls a directive of the feature.
   *
   * @example nameOf('authenticated') // 'authenticated', or 'needsUser' for `import: [{ name: "@authenticated", as: "@needsUser" }]`
   */
  nameOf(directive: string): string;
}

type Import = string | { readonly name: string; readonly as?: string };

/** The links of a schema, of a subgraph or of a supergraph (https://specs.apollo.dev/link/v1.0/). */
export const readLinks = (document: DocumentNode): readonly LinkedFeature[] =>
  schemaDirectives(document).flatMap((directive) => {
    if (directive.name.value !== 'link') return [];
    const url = argumentOf(directive, 'url');
    return typeof url === 'string' ? [readLink(url, directive)] : [];
  });

/** The directives on the schema itself, over all its parts. */
export const schemaDirectives = ({ definitions }: DocumentNode): readonly ConstDirectiveNode[] =>
  definitions.flatMap((definition) =>
    definition.kind === Kind.SCHEMA_DEFINITION || definition.kind === Kind.SCHEMA_EXTENSION
      ? (definition.directives ?? [])
      : [],
  );

/** Splits `https://specs.apollo.dev/federation/v2.11` into what it names and the number before the dot. */
export function splitUrl(url: string): { readonly identity: string; readonly majorVersion: number } {
  const versioned = /^(.*)\/v(\d+)\.\d+\/?$/.exec(url);
  return versioned
    ? { identity: versioned[1] ?? '', majorVersion: Number(versioned[2]) }
    : { identity: url, majorVersion: NaN };
}

function readLink(url: string, directive: ConstDirectiveNode): LinkedFeature {
  const { identity, majorVersion } = splitUrl(url);
  const featureName = identity.split('/').at(-1) ?? '';
  const prefix = textOf(argumentOf(directive, 'as')) ?? featureName;
  const imports = (argumentOf(directive, 'import') ?? []) as readonly Import[];
  return {
    identity,
    majorVersion,
    purpose: textOf(argumentOf(directive, 'for')),
    nameOf: (name) => {
      const found = imports.find((entry) => (typeof entry === 'string' ? entry : entry.name) === `@${name}`);
      if (found) return (typeof found === 'string' ? found : (found.as ?? found.name)).slice(1);
      // A feature's directive of its own name needs no prefix.
      return name === featureName ? prefix : `${prefix}__${name}`;
    },
  };
}

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
