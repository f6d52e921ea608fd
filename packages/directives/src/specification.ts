import type { LinkedFeature } from './links.ts';

const identity = 'https://specs.tributary.dev/tributary';

/**
 * Our specification, as schemas `@link` it. The URL is a name: nobody fetches it. Directives that are added later raise
 * the minor version; a schema that links an older one stays as it is.
 *
 * @example
 * extend schema
 *   @link(url: "https://specs.tributary.dev/tributary/v1.0", import: ["@personal"])
 *   @composeDirective(name: "@personal")
 *
 * directive @personal on FIELD_DEFINITION | OBJECT
 */
export const specification = {
  /** What stays the same over all versions. */
  identity,
  majorVersion: 1,
  url: `${identity}/v1.0`,
  /** What a schema writes that uses a directive, by the directive's name. */
  directives: {
    /** The answer depends on who asks: its fetch carries the caller's identity, and nobody else gets the answer. */
    personal: 'directive @personal on FIELD_DEFINITION | OBJECT',
  },
} as const;

/** True for a link of our specification, in a version whose directives mean what we know. */
export const isOurs = (link: Pick<LinkedFeature, 'identity' | 'majorVersion'>): boolean =>
  link.identity === identity && link.majorVersion === specification.majorVersion;
