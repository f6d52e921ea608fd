import type { LoadName } from '../loads.ts';
import { answerBig } from './floor-big.ts';
import type { Fetcher } from './fetcher.ts';

/** By load: answers the load's operation, anew for each call. */
export const floors: Readonly<Record<LoadName, (fetch: Fetcher) => () => Promise<object>>> = {
  big: (fetch) => () => answerBig(fetch),
  social: (fetch) => () => answerSocial(fetch),
  small: (fetch) => () => fetch('posts', smallBody),
};

const smallBody = JSON.stringify({ query: '{ post(id: "1") { id title } }' });

interface User {
  readonly id: string;
  readonly name: string;
  readonly username: string;
}
interface WithAuthor {
  author: { readonly id: string };
}
interface Post extends WithAuthor {
  readonly id: string;
  comments?: readonly WithAuthor[];
}

const postsBody = JSON.stringify({ query: '{ posts(first: 10) { id title content author { id } } }' });
const commentsQuery =
  'query ($r: [_Any!]!) { _entities(representations: $r) { ... on Post { comments(first: 5) { id body author { id } } } } }';
const usersQuery =
  'query ($r: [_Any!]!) { _entities(representations: $r) { ... on User { id name username } } }';

const entitiesBody = (query: string, type: string, ids: readonly string[]): string =>
  JSON.stringify({ query, variables: { r: ids.map((id) => ({ __typename: type, id })) } });

/** Three fetches: who wrote posts and comments is asked for at once. */
async function answerSocial(fetch: Fetcher): Promise<object> {
  const { posts } = await fetch<{ posts: readonly Post[] }>('posts', postsBody);
  const { _entities: found } = await fetch<{ _entities: readonly { comments: readonly WithAuthor[] }[] }>(
    'comments',
    entitiesBody(
      commentsQuery,
      'Post',
      posts.map(({ id }) => id),
    ),
  );
  const written = [...posts, ...found.flatMap(({ comments }) => comments)];
  const ids = [...new Set(written.map(({ author }) => author.id))];
  const { _entities: users } = await fetch<{ _entities: readonly User[] }>(
    'users',
    entitiesBody(usersQuery, 'User', ids),
  );
  const userOf = new Map(users.map((user) => [user.id, user]));
  for (const each of written) each.author = userOf.get(each.author.id) ?? each.author;
  for (const [index, post] of posts.entries()) post.comments = found[index]?.comments ?? [];
  return { posts };
}
