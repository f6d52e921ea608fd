/** What a result says about its place in the log of events. */
export interface EventPlace {
  /** From here a client goes on that has this result. */
  readonly cursor?: string;
  /** True for what says where a subscription begins, before its first event: it has no data. */
  readonly opened?: boolean;
  /** How many results were left out before this one, because the client read too slowly. */
  readonly dropped?: number;
}

/**
 * The place of a result; empty where it says none.
 *
 * @example placeOf({ data: {}, extensions: { event: { cursor: 'c7' } } }) // { cursor: 'c7' }
 */
export const placeOf = (result: { readonly extensions?: unknown }): EventPlace =>
  (result.extensions as { readonly event?: EventPlace } | undefined)?.event ?? {};

/**
 * Whether results were left out before this one that can be read again: the cursor that the client has got so far brings
 * them back, and this one with them.
 */
export const leavesGap = ({ dropped, cursor }: EventPlace, reached: string | undefined): boolean =>
  dropped !== undefined && cursor !== undefined && reached !== undefined;

/**
 * The extensions of a request that goes on after a cursor. Without one it begins where the caller says, who may have kept
 * a cursor; else it asks for the place where it begins, or what happens before its first result could not be asked for
 * again.
 */
export const resumeAfter = (
  extensions: Record<string, unknown> | null | undefined,
  after?: string,
): Record<string, unknown> => ({
  ...extensions,
  resume: after === undefined ? (extensions?.['resume'] ?? {}) : { after },
});
