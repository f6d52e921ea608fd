/** A request as clients of GraphQL send it. */
export interface ResumableRequest {
  extensions?: Record<string, unknown> | null | undefined;
}

/**
 * The place in the log of events up to which a result was made; `undefined` where it says none.
 *
 * @example cursorOf({ data: {}, extensions: { event: { cursor: 'c7' } } }) // 'c7'
 */
export function cursorOf(result: { readonly extensions?: unknown }): string | undefined {
  const event = (result.extensions as { readonly event?: { readonly cursor?: unknown } } | undefined)?.event;
  return typeof event?.cursor === 'string' ? event.cursor : undefined;
}

/** The extensions of a request that goes on after a cursor. */
export const resumeAfter = (
  extensions: Record<string, unknown> | null | undefined,
  after: string,
): Record<string, unknown> => ({ ...extensions, resume: { after } });
