import { readFileSync } from 'node:fs';

import { apiSchema } from '@tributary/planning';
import { graphql, type ExecutionResult, type GraphQLSchema } from 'graphql';

/** Who asks the monolith; `userId` is absent for somebody who did not sign in. */
export interface Asker {
  readonly userId?: string;
  readonly roles: readonly string[];
}

export interface MonolithRequest {
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>>;
  readonly operationName?: string;
}

/** Our graph in one piece. */
export interface Monolith {
  readonly schema: GraphQLSchema;
  execute(request: MonolithRequest, asker: Asker): Promise<ExecutionResult>;
}

/**
 * Makes what the supergraph is compared with: graphql-js itself over the schema that clients see, with the same data
 * in memory. It shares no code with the subgraphs, so that a mistake is not made twice. Queries only.
 */
export function createMonolith(supergraphSdl: string): Monolith {
  const schema = apiSchema(supergraphSdl, { includeDefer: true });
  return {
    schema,
    execute: ({ query, variables, operationName }, asker) =>
      graphql({
        schema,
        source: query,
        variableValues: variables,
        operationName,
        contextValue: asker,
        rootValue: root,
      }),
  };
}

const readSeed = <T>(subgraph: string): T[] => {
  const file = new URL(`../../subgraphs/${subgraph}/seed/jsonplaceholder.json`, import.meta.url);
  return JSON.parse(readFileSync(file, 'utf8')) as T[];
};

interface SeedUser {
  id: number;
  name: string;
  username: string;
  email: string;
  website: string;
  address: { city: string };
  company: { name: string; catchPhrase: string };
}

const hour = 3_600_000;
const timeAfter = (start: number, ms: number) => new Date(start + ms).toISOString();

interface PageArguments {
  first?: number | null;
  after?: string | null;
}

/** What lists are ordered by; ISO times of one zone have the order of their texts. */
interface Row {
  readonly id: string;
  readonly createdAt: string;
}

class User implements Row {
  readonly __typename = 'User';
  readonly bio = null;
  readonly id: string;
  readonly username: string;
  readonly name: string;
  readonly website: string;
  readonly city: string;
  readonly company: { name: string; catchPhrase: string };
  readonly role: string;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly #email: string;

  constructor({ id, username, name, email, website, address, company }: SeedUser, index: number) {
    this.id = String(id);
    this.username = username;
    this.name = name;
    this.#email = email;
    this.website = new URL(`https://${website}`).href;
    this.city = address.city;
    this.company = { name: company.name, catchPhrase: company.catchPhrase };
    this.role = ['ADMIN', 'MODERATOR'][index] ?? 'USER';
    this.createdAt = this.updatedAt = timeAfter(Date.UTC(2025, 11, 1), index * 24 * hour);
  }

  email(_args: object, asker: Asker) {
    return asker.userId === this.id || asker.roles.includes('ADMIN') ? this.#email : null;
  }
  birthday = null;
  isOnline = false;
  lastSeenAt = null;
  preferences = null;

  posts(args: PageArguments) {
    return newestFirst(
      posts.filter(({ authorId }) => authorId === this.id),
      args,
      10,
    );
  }
  postCount() {
    return posts.filter(({ authorId }) => authorId === this.id).length;
  }
  comments(args: PageArguments) {
    return newestFirst(
      comments.filter(({ authorId }) => authorId === this.id),
      args,
      10,
    );
  }
  commentCount() {
    return comments.filter(({ authorId }) => authorId === this.id).length;
  }
}

class Post implements Row {
  readonly __typename = 'Post';
  readonly status = 'PUBLISHED';
  readonly id: string;
  readonly authorId: string;
  readonly title: string;
  readonly content: string;
  readonly body: string;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly publishedAt: string;
  readonly tags: readonly string[];
  readonly threadTitle: string;

  constructor(seed: { id: number; userId: number; title: string; body: string }, index: number) {
    this.id = String(seed.id);
    this.authorId = String(seed.userId);
    this.title = seed.title;
    this.content = this.body = seed.body;
    this.createdAt = this.updatedAt = this.publishedAt = timeAfter(Date.UTC(2026, 0, 1), index * hour);
    this.tags = [seed.title.split(' ')[0] ?? ''];
    this.threadTitle = `Re: ${seed.title}`;
  }

  excerpt({ length }: { length?: number | null }) {
    const characters = length ?? 200;
    if (characters < 1 || characters > 1000) throw new Error('length must be from 1 to 1000');
    return this.content.slice(0, characters);
  }
  readingMinutes() {
    return Math.max(1, Math.round(this.content.split(/\s+/).length / 200));
  }
  author() {
    return findById(users, this.authorId);
  }
  comments(args: PageArguments) {
    return oldestFirst(
      comments.filter(({ postId }) => postId === this.id),
      args,
      10,
    );
  }
  commentCount() {
    return comments.filter(({ postId }) => postId === this.id).length;
  }
}

class Comment implements Row {
  readonly __typename = 'Comment';
  readonly isEdited = false;
  readonly id: string;
  readonly postId: string;
  readonly authorId: string;
  readonly body: string;
  readonly createdAt: string;
  readonly updatedAt: string;

  constructor(seed: { id: number; postId: number; body: string }, index: number) {
    this.id = String(seed.id);
    this.postId = String(seed.postId);
    this.authorId = String(1 + (index % 10));
    this.body = seed.body;
    this.createdAt = this.updatedAt = timeAfter(Date.UTC(2026, 0, 6), (index * hour) / 6);
  }

  author() {
    return findById(users, this.authorId);
  }
  post() {
    return findById(posts, this.postId);
  }
}

const users = readSeed<SeedUser>('users').map((seed, index) => new User(seed, index));
const posts = readSeed<ConstructorParameters<typeof Post>[0]>('posts').map(
  (seed, index) => new Post(seed, index),
);
const comments = readSeed<ConstructorParameters<typeof Comment>[0]>('comments').map(
  (seed, index) => new Comment(seed, index),
);

/** The rows of the seed, oldest first, for tests that choose values by them. */
export const seedRows = { users, posts, comments } as const;

/** The opaque place of a row in every list that has it. */
export const cursorOf = ({ createdAt, id }: Row): string =>
  Buffer.from(JSON.stringify([createdAt, id])).toString('base64url');

/** Texts that are found in exactly one post: an order of several would need PostgreSQL's ranking. */
export const rareWords: readonly string[] = (() => {
  const counts = new Map<string, number>();
  for (const { title, content } of posts)
    for (const word of new Set(`${title}\n${content}`.split(/\s+/)))
      counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts].filter(([word, count]) => count === 1 && /^[a-z]+$/.test(word)).map(([word]) => word);
})();

/** The fields of Query. */
const root = {
  me: (_args: object, { userId }: Asker) => (userId === undefined ? null : findById(users, userId)),
  user: ({ id }: { id: string }) => findById(users, id),
  users: ({ filter, ...page }: PageArguments & { filter?: UserFilter | null }) =>
    oldestFirst(users.filter(matcher(filter ?? {}, isUserLike)), page, 20),
  post: ({ id }: { id: string }) => findById(posts, id),
  posts: ({ filter, ...page }: PageArguments & { filter?: PostFilter | null }) => {
    const filters = filtersIn(filter ?? {});
    if (filters.some(({ status }) => status === 'DRAFT')) throw new Error('drafts are not listed');
    if (filters.some(({ authorId }) => authorId === '')) throw new Error('an id is not empty');
    return newestFirst(posts.filter(matcher(filter ?? {}, isPostLike)), page, 20);
  },
  drafts: (page: PageArguments, { userId }: Asker) => {
    if (userId === undefined) throw new Error('sign in first');
    return newestFirst([], page, 20);
  },
  notifications: (page: PageArguments, { userId }: Asker) => {
    if (userId === undefined) throw new Error('sign in first');
    return newestFirst([], page, 20);
  },
  unreadNotificationCount: (_args: object, { userId }: Asker) => {
    if (userId === undefined) throw new Error('sign in first');
    return 0;
  },
  search: ({ text, first }: { text: string; first?: number | null }) => {
    const size = pageSize(first, 10);
    const words = text.split(/\s+/).filter(Boolean);
    if (words.length > 1) throw new Error('Expected one word: several are ranked by PostgreSQL only');
    const found = posts.filter(({ title, content }) => `${title}\n${content}`.split(/\s+/).includes(text));
    if (found.length > 1)
      throw new Error('Expected a rare word: several posts are ranked by PostgreSQL only');
    return found.slice(0, size);
  },
  comment: ({ id }: { id: string }) => findById(comments, id),
  comments: (page: PageArguments) => oldestFirst(comments, page, 20),
};

function findById<T extends Row>(rows: readonly T[], id: string): T | null {
  if (id === '') throw new Error('an id is not empty');
  return rows.find((row) => row.id === id) ?? null;
}

function pageSize(first: number | null | undefined, byDefault: number): number {
  const size = first ?? byDefault;
  if (size < 1 || size > 100) throw new Error('first must be from 1 to 100');
  return size;
}

/** A page of rows, which are given oldest first. */
const oldestFirst = (rows: readonly Row[], page: PageArguments, byDefault: number) =>
  connection(rows, page, byDefault, (row, place) => compare(row, place) > 0);

const newestFirst = (rows: readonly Row[], page: PageArguments, byDefault: number) =>
  connection(rows.toReversed(), page, byDefault, (row, place) => compare(row, place) < 0);

/** The place of a cursor need not be one of this list: what counts is the order. */
function connection(
  rows: readonly Row[],
  { first, after }: PageArguments,
  byDefault: number,
  isAfter: (row: Row, place: Row) => boolean,
) {
  const size = pageSize(first, byDefault);
  const place = after == null ? undefined : readCursor(after);
  const rest = place ? rows.filter((row) => isAfter(row, place)) : rows;
  const page = rest.slice(0, size);
  return {
    edges: page.map((node) => ({ node, cursor: cursorOf(node) })),
    pageInfo: {
      hasNextPage: rest.length > size,
      hasPreviousPage: after != null && page.length > 0,
      startCursor: page.length > 0 ? cursorOf(page[0] as Row) : null,
      endCursor: page.length > 0 ? cursorOf(page.at(-1) as Row) : null,
    },
  };
}

function readCursor(text: string): Row {
  const value: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
  if (!Array.isArray(value) || value.length !== 2) throw new Error('not a cursor');
  const [createdAt, id] = value as [unknown, unknown];
  if (typeof createdAt !== 'string' || typeof id !== 'string') throw new Error('not a cursor');
  return { createdAt, id };
}

const compare = (left: Row, right: Row): number => {
  if (left.createdAt !== right.createdAt) return left.createdAt < right.createdAt ? -1 : 1;
  return left.id === right.id ? 0 : left.id < right.id ? -1 : 1;
};

interface Filter<Self> {
  createdAfter?: string | null;
  createdBefore?: string | null;
  and?: readonly Self[] | null;
  or?: readonly Self[] | null;
}

interface UserFilter extends Filter<UserFilter> {
  role?: string | null;
  username?: string | null;
  nameContains?: string | null;
}

interface PostFilter extends Filter<PostFilter> {
  status?: string | null;
  authorId?: string | null;
  tag?: string | null;
}

/** Makes the test of a filter; a filter of more than 50 conditions is refused. */
function matcher<F extends Filter<F>, T extends Row>(
  filter: F,
  isLike: (row: T, filter: F) => boolean,
): (row: T) => boolean {
  if (sizeOf(filter) > 50) throw new Error('more than 50 conditions');
  const holds = (row: T, { createdAfter, createdBefore, and, or, ...own }: Filter<F>): boolean =>
    isLike(row, own as F) &&
    (createdAfter == null || Date.parse(row.createdAt) >= Date.parse(createdAfter)) &&
    (createdBefore == null || Date.parse(row.createdAt) < Date.parse(createdBefore)) &&
    (and ?? []).every((part) => holds(row, part)) &&
    (or == null || or.some((part) => holds(row, part)));
  return (row) => holds(row, filter);
}

/** Each condition counts, and each filter within another. */
function sizeOf<F extends Filter<F>>({ and, or, ...own }: Filter<F>): number {
  const parts = [...(and ?? []), ...(or ?? [])];
  const conditions = Object.values(own).filter((value) => value != null).length;
  return parts.reduce((sum, part) => sum + 1 + sizeOf(part), conditions);
}

const isUserLike = (user: User, { role, username, nameContains }: UserFilter): boolean =>
  (role == null || user.role === role) &&
  (username == null || user.username.toLowerCase() === username.toLowerCase()) &&
  (nameContains == null || user.name.toLowerCase().includes(nameContains.toLowerCase()));

const isPostLike = (post: Post, { status, authorId, tag }: PostFilter): boolean =>
  (status == null || post.status === status) &&
  (authorId == null || post.authorId === authorId) &&
  (tag == null || post.tags.includes(tag));

const filtersIn = (filter: PostFilter): readonly PostFilter[] => [
  filter,
  ...[...(filter.and ?? []), ...(filter.or ?? [])].flatMap(filtersIn),
];
