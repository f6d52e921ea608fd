/** What a channel and a filter are filled in from. */
export interface EventScope {
  /** The arguments of the subscription field, coerced. */
  readonly args: Readonly<Record<string, unknown>>;
  readonly principal: EventPrincipal;
}

/** Who subscribes. */
export interface EventPrincipal {
  /** Absent for somebody who did not sign in. */
  readonly sub?: string | undefined;
  readonly roles: readonly string[];
  readonly scopes: readonly string[];
}

/** `args.input.postId`: a root and the names below it. */
export interface EventPath {
  readonly root: 'args' | 'principal' | 'event.data';
  readonly names: readonly string[];
}

/** What may stand below `principal`. */
export const principalFields = ['sub', 'roles', 'scopes'] as const;

/** The value at the end of a path; `undefined` where something on the way is missing. */
export function valueAt(from: unknown, names: readonly string[]): unknown {
  let value = from;
  for (const name of names) {
    if (value === null || typeof value !== 'object' || !Object.hasOwn(value, name)) return undefined;
    value = (value as Readonly<Record<string, unknown>>)[name];
  }
  return value;
}

export const printPath = ({ root, names }: EventPath): string => [root, ...names].join('.');
