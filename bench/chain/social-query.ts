/** A page of posts with their authors, comments and the authors of those: one fetch to posts and comments, two to users. */
export const socialQuery = `query Social {
  posts(first: 20) {
    edges {
      node {
        id
        title
        createdAt
        author { id name }
        comments(first: 5) {
          edges {
            node { id body createdAt author { id name } }
          }
        }
      }
    }
  }
}`;

interface SocialAnswer {
  readonly data?: {
    readonly posts: {
      readonly edges: readonly {
        readonly node: {
          readonly author: { readonly name: string } | null;
          readonly comments: {
            readonly edges: readonly { readonly node: { readonly author: unknown } }[];
          } | null;
        };
      }[];
    };
  };
  readonly errors?: readonly { readonly message: string }[];
}

/**
 * Refuses an answer that is not whole: an answer with holes is a cheap one.
 *
 * @throws {Error} that says what is missing
 */
export function checkSocialAnswer(answer: unknown): void {
  const { data, errors = [] } = answer as SocialAnswer;
  if (errors.length > 0) throw new Error(`Expected no errors, but got "${errors[0]?.message}"`);
  const posts = data?.posts.edges.map(({ node }) => node) ?? [];
  const comments = posts.flatMap((post) => post.comments?.edges ?? []);
  const authors = [...posts, ...comments.map(({ node }) => node)].filter(({ author }) => author !== null);
  const got = `${posts.length} posts, ${comments.length} comments, ${authors.length} authors`;
  if (got !== '20 posts, 100 comments, 120 authors')
    throw new Error(`Expected 20 posts, 100 comments, 120 authors, but got ${got}`);
}
