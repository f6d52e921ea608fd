import { assertChannelPattern } from './channel.ts';

/** How often a value was added under one pattern. */
type Values<T> = Map<T, number>;

class TrieNode<T> {
  /** A node of `**`: once reached, it goes on taking segments. */
  readonly takesMore: boolean;
  readonly children = new Map<string, TrieNode<T>>();
  readonly values: Values<T> = new Map();

  constructor(segment = '') {
    this.takesMore = segment === '**';
  }

  get isEmpty(): boolean {
    return this.children.size === 0 && this.values.size === 0;
  }
}

/**
 * Finds what follows a channel by walking its segments, so what an event costs depends on its channel and not on how
 * many follow others. `*` stands for one segment, `**` for one or more.
 *
 * @example
 * const followers = new ChannelTrie<string>();
 * const remove = followers.add('post.*.comment-added', 'ada');
 * [...followers.match('post.42.comment-added')] // ["ada"]
 * remove();
 */
export class ChannelTrie<T> {
  readonly #root = new TrieNode<T>();
  #size = 0;

  /** How many additions have not been taken back. */
  get size(): number {
    return this.#size;
  }

  /**
   * Adds a value. The same one may be added many times: it is found once, and until each addition is taken back.
   *
   * @returns takes this addition back; a second call does nothing
   * @throws {InvalidEvent} when the pattern is not written as one
   */
  add(pattern: string, value: T): () => void {
    assertChannelPattern(pattern);
    const path = this.#makePath(pattern.split('.'));
    const { values } = path.at(-1) as TrieNode<T>;
    values.set(value, (values.get(value) ?? 0) + 1);
    this.#size += 1;
    let isThere = true;
    return () => {
      if (!isThere) return;
      isThere = false;
      this.#remove(pattern.split('.'), value);
    };
  }

  /** The values whose patterns match, each once. */
  match(channel: string): Iterable<T> {
    const ends = this.#walk(channel.split('.')).filter(({ values }) => values.size > 0);
    if (ends.length === 0) return [];
    if (ends.length === 1) return [...(ends[0] as TrieNode<T>).values.keys()];
    return new Set(ends.flatMap(({ values }) => [...values.keys()]));
  }

  /**
   * Where the whole channel leads to. All ways are walked at once, segment by segment, so that a pattern with many
   * `**` has no more ways to be tried than it has segments.
   */
  #walk(segments: readonly string[]): readonly TrieNode<T>[] {
    let reached = new Set([this.#root]);
    for (const segment of segments) {
      const next = new Set<TrieNode<T>>();
      for (const node of reached) {
        if (node.takesMore) next.add(node);
        for (const key of [segment, '*', '**']) {
          const child = node.children.get(key);
          if (child) next.add(child);
        }
      }
      if (next.size === 0) return [];
      reached = next;
    }
    return [...reached];
  }

  #makePath(segments: readonly string[]): readonly TrieNode<T>[] {
    const path = [this.#root];
    for (const segment of segments) {
      const { children } = path.at(-1) as TrieNode<T>;
      const child = children.get(segment) ?? new TrieNode<T>(segment);
      children.set(segment, child);
      path.push(child);
    }
    return path;
  }

  #remove(segments: readonly string[], value: T): void {
    const path = this.#makePath(segments);
    const { values } = path.at(-1) as TrieNode<T>;
    const left = (values.get(value) ?? 0) - 1;
    if (left > 0) values.set(value, left);
    else values.delete(value);
    this.#size -= 1;
    for (let depth = segments.length; depth > 0 && path[depth]?.isEmpty; depth -= 1) {
      path[depth - 1]?.children.delete(segments[depth - 1] as string);
    }
  }
}
