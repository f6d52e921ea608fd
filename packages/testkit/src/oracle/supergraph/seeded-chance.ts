import { Chance } from '../chance.ts';

/**
 * Chance that is the same for the same text, so that each part of a generated world stays what it is when another part
 * is taken away.
 */
export function seededChance(seed: string): Chance {
  let state = hashOf(seed);
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
  return new Chance({ nextInt: (min, max) => min + (next() % (max - min + 1)) });
}

/** FNV-1a with a finish that spreads the last letters over all bits. */
export function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** A short word that stands for a text. */
export const wordOf = (text: string): string => hashOf(text).toString(36);
