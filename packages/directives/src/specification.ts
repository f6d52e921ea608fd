import type { LinkedFeature } from './links.ts';

const identity = 'https://specs.tributary.dev/tributary';

/**
 * Our specification, as schemas `@link` it. The URL is a name: nobody fetches it. Directives that are added later raise
 * the minor version; a schema that links an older one stays as it is.
 *
 * @example
 * extend schema
 *   @link(url: "https://specs.tributary.dev/tributary/v1.1", import: ["@personal", "@event"])
 *   @composeDirective(name: "@personal")
 *   @composeDirective(name: "@event")
 *
 * directive @personal on FIELD_DEFINITION | OBJECT
 * directive @event(channel: String!, filter: String) repeatable on FIELD_DEFINITION
 */
export const specification = {
  /** What stays the same over all versions. */
  identity,
  majorVersion: 1,
  /** The first version, which every later one includes. */
  url: `${identity}/v1.0`,
  /** The minor versions with which directives came. */
  since: { personal: 0, event: 1 },
  /** What a schema writes that uses a directive, by the directive's name. */
  directives: {
    /** The answer depends on who asks: its fetch carries the caller's identity, and nobody else gets the answer. */
    personal: 'directive @personal on FIELD_DEFINITION | OBJECT',
    /** Events feed the subscription field: its subgraph resolves their entities, and needs no resolver. */
    event: 'directive @event(channel: String!, filter: String) repeatable on FIELD_DEFINITION',
  },
} as const;

/** True for a link of our specification, in a version whose directives mean what we know. */
export const isOurs = (link: Pick<LinkedFeature, 'identity' | 'majorVersion'>): boolean =>
  link.identity === identity && link.majorVersion === specification.majorVersion;
