/** The post that everybody talks about. */
const postId = '1';

/** What a subscriber is shown: the comment of its subgraph, who wrote it of a second one, and the post of a third. */
export const subscription = `subscription {
  commentAdded(postId: "${postId}") { body author { name } post { title } }
}`;

export const mutation = `mutation ($body: String!) {
  addComment(input: { postId: "${postId}", body: $body }) { __typename }
}`;

export interface Shown {
  readonly data?: unknown;
  readonly errors?: unknown;
}

/**
 * The body of the comment that a result shows.
 *
 * @throws {Error} for one that has an error, or anything but what was selected
 */
export function readBody(shown: Shown): string {
  const { commentAdded } = (shown.data ?? {}) as { readonly commentAdded?: { readonly body?: unknown } };
  const expected = {
    commentAdded: {
      body: commentAdded?.body,
      author: { name: 'Member Number 1' },
      post: { title: 'The title of post number 1' },
    },
  };
  if (typeof commentAdded?.body === 'string' && JSON.stringify(shown.data) === JSON.stringify(expected)) {
    return commentAdded.body;
  }
  throw new Error(`Expected a comment, its author and its post, but got ${JSON.stringify(shown)}`);
}
