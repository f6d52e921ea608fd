import { textOf } from '../gateway/graphs/graph.ts';

/** What the comments subgraph publishes when somebody comments on a post. */
export interface CommentAdded {
  readonly id: string;
  readonly postId: string;
  readonly body: string;
  readonly author: { readonly __typename: 'User'; readonly id: string };
}

export const userCount = 10;
const wordsOfBody = 20;
const seqDigits = 9;
const microsDigits = 16;

/** A clock that all processes of a machine share. */
export const nowMicros = (): number => Number(process.hrtime.bigint() / 1000n);

/** An event whose text says which one of its post it is and when it happened: whatever carries it carries that. */
export const commentAdded = (postId: string, seq: number, micros: number): CommentAdded => ({
  id: `${postId}-${seq}`,
  postId,
  body: `@${String(seq).padStart(seqDigits, '0')}:${String(micros).padStart(microsDigits, '0')}@ ${textOf(seq, wordsOfBody)}`,
  author: authorOf(seq),
});

/** Members comment in turn. */
export const authorOf = (seq: number): CommentAdded['author'] => ({
  __typename: 'User',
  id: String((seq % userCount) + 1),
});

const at = 0x40;
const zero = 0x30;

/** Where the mark of an event begins in a message, or -1; nothing else in it has an `@`. */
export const findMark = (bytes: Buffer, from: number, to: number): number => {
  const found = bytes.indexOf(at, from);
  return found >= 0 && found < to ? found : -1;
};

export const seqAt = (bytes: Buffer, mark: number): number => digitsAt(bytes, mark + 1, seqDigits);
export const microsAt = (bytes: Buffer, mark: number): number =>
  digitsAt(bytes, mark + 2 + seqDigits, microsDigits);

function digitsAt(bytes: Buffer, from: number, count: number): number {
  let value = 0;
  for (let index = from; index < from + count; index += 1) value = value * 10 + (bytes[index] ?? zero) - zero;
  return value;
}

/** The channel of a post's comments. */
export const channelOf = (postId: string): string => `post.${postId}.comment-added`;

/** Peers are measured side by side, so what is published for one has to reach nobody else. */
export const topicOf = (peer: string, postId: string): string => `${peer}.${channelOf(postId)}`;
