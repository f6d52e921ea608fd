/** Something that is counted: sockets of one user, sockets of one network, all of them. */
export interface Claim {
  /** What is counted, by whom it is held: `user:u1`. */
  readonly holder: string;
  readonly limit: number;
}

/** Gives back what was taken; a second call has nothing to do. */
export type Release = () => void;

/** Counts what is held against limits. A gateway counts for itself; a store that several share counts for all of them. */
export interface Quota {
  /** Takes one for the holder; `undefined` when it has as many as it may. */
  take(claim: Claim): Release | undefined | Promise<Release | undefined>;
}

/** Counts in this process. */
export function createLocalQuota(): Quota & { held(holder: string): number; readonly size: number } {
  const counts = new Map<string, number>();
  const give = (holder: string) => {
    const left = (counts.get(holder) ?? 1) - 1;
    if (left === 0) counts.delete(holder);
    else counts.set(holder, left);
  };
  return {
    take: ({ holder, limit }) => {
      const held = counts.get(holder) ?? 0;
      if (held >= limit) return undefined;
      counts.set(holder, held + 1);
      let isHeld = true;
      return () => {
        if (isHeld) give(holder);
        isHeld = false;
      };
    },
    held: (holder) => counts.get(holder) ?? 0,
    get size() {
      return counts.size;
    },
  };
}
