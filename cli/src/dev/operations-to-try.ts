/** Something to ask a fresh start. */
export interface OperationToTry {
  readonly title: string;
  readonly operation: string;
  readonly variables?: Readonly<Record<string, unknown>>;
  /** Needs the password of the demo data. @default false */
  readonly isDemoSignIn?: boolean;
}

/** Printed at every start, so they must work on the seed data as they stand. */
export const operationsToTry: readonly OperationToTry[] = [
  {
    title: 'Posts, their authors and comments, from three subgraphs',
    operation:
      '{ posts(first: 3) { edges { node { title author { name } comments(first: 2) { edges { node { body author { name } } } } } } } }',
  },
  {
    title: 'Sign in; send the token as "Authorization: Bearer …" to see your own email address',
    operation:
      'mutation { signIn(input: { username: "Bret", password: "tributary" }) { __typename ... on AuthPayload { token user { name email } } } }',
    isDemoSignIn: true,
  },
  {
    title: 'The posts of one author',
    operation:
      'query PostsOf($author: ID!) { posts(first: 5, filter: { authorId: $author }) { edges { node { title commentCount } } } }',
    variables: { author: '1' },
  },
];
