import type { GraphQLResolveInfo, GraphQLScalarType } from 'graphql';
import { describe, expectTypeOf, it } from 'vitest';

import type { CompleteResolvers } from './complete-resolvers.ts';

/** The forms that graphql-codegen gives to resolvers. */
type Field<Result, Parent, Args = object> =
  | ((parent: Parent, args: Args, context: object, info: GraphQLResolveInfo) => Result | Promise<Result>)
  | {
      resolve: (
        parent: Parent,
        args: Args,
        context: object,
        info: GraphQLResolveInfo,
      ) => Result | Promise<Result>;
    };

interface PostRow {
  readonly id: string;
  readonly title: string;
  readonly subtitle: string | undefined;
  readonly status: string;
  readonly authorId: string;
}

interface Generated {
  Query?: { post?: Field<PostRow | null, object, { id: string }> };
  Post?: {
    __resolveReference?: Field<PostRow | null, { id: string }>;
    id?: Field<string, PostRow>;
    title?: Field<string, PostRow>;
    subtitle?: Field<string | null, PostRow>;
    status?: Field<'DRAFT' | 'PUBLISHED', PostRow>;
    author?: Field<{ id: string }, PostRow>;
  };
  Tag?: { name?: Field<string, { name: string }> };
  Node?: { __resolveType?: (value: object) => string };
  DateTime?: GraphQLScalarType;
  Subscription?: { posted?: { subscribe: () => AsyncIterable<string> } };
}

type Complete = CompleteResolvers<Generated>;

const Query: Complete['Query'] = { post: () => null };
const author = ({ authorId }: PostRow) => ({ id: authorId });
const status = () => 'DRAFT' as const;

describe('resolvers are complete', () => {
  it('when every field has a resolver or a value on the row that fits', () => {
    const resolvers: Complete = { Query, Post: { author, status } };
    expectTypeOf(resolvers).toExtend<Generated>();
  });

  it('without subscriptions, which events may feed, and with those of the right form', () => {
    expectTypeOf<{
      Query: typeof Query;
      Post: { author: typeof author; status: typeof status };
    }>().toExtend<Complete>();
    expectTypeOf<NonNullable<Complete['Subscription']>>().toEqualTypeOf<
      NonNullable<Generated['Subscription']>
    >();
  });

  it('with more resolvers than needed', () => {
    const Post: Complete['Post'] = {
      author,
      status,
      title: ({ title }) => title.toUpperCase(),
      __resolveReference: () => null,
    };
    expectTypeOf<{ Query: typeof Query; Post: typeof Post; Tag: object }>().toExtend<Complete>();
  });
});

describe('it is a compile error', () => {
  it('to leave out a root field', () => {
    // @ts-expect-error -- nothing answers Query.post
    const resolvers: Complete = { Query: {}, Post: { author, status } };
    expectTypeOf(resolvers).toEqualTypeOf<Complete>();
  });

  it('to leave out a field that the row does not have', () => {
    // @ts-expect-error -- a PostRow has an authorId and no author
    const resolvers: Complete = { Query, Post: { status } };
    expectTypeOf(resolvers).toEqualTypeOf<Complete>();
  });

  it('to leave out a field for which the row has something else', () => {
    // @ts-expect-error -- any text is not a PostStatus
    const resolvers: Complete = { Query, Post: { author } };
    expectTypeOf(resolvers).toEqualTypeOf<Complete>();
  });

  it('to leave out a type one of whose fields must be answered', () => {
    // @ts-expect-error -- nothing answers Post.author
    const resolvers: Complete = { Query };
    expectTypeOf(resolvers).toEqualTypeOf<Complete>();
  });

  it('to answer a field that the schema does not have', () => {
    // @ts-expect-error -- there is no Post.titel
    const resolvers: Complete = { Query, Post: { author, status, titel: () => '' } };
    expectTypeOf(resolvers).toEqualTypeOf<Complete>();
  });

  it('to answer with a value of another type', () => {
    // @ts-expect-error -- GONE is no PostStatus
    const resolvers: Complete = { Query, Post: { author, status: () => 'GONE' } };
    expectTypeOf(resolvers).toEqualTypeOf<Complete>();
  });
});

it('types without a field of their own, and scalars, may be left out', () => {
  expectTypeOf<Complete['Tag']>().toEqualTypeOf<Complete['Tag'] | undefined>();
  expectTypeOf<Complete['Node']>().toEqualTypeOf<Complete['Node'] | undefined>();
  expectTypeOf<Complete['DateTime']>().toEqualTypeOf<Complete['DateTime'] | undefined>();
});
