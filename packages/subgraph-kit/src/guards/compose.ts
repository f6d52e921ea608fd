import type { GraphQLResolveInfo } from 'graphql';

/** A field's function as graphql-js calls it; `Result` may be a promise. */
export type Resolver<Parent, Args, Context, Result> = (
  parent: Parent,
  args: Args,
  context: Context,
  info: GraphQLResolveInfo,
) => Result;

/**
 * Wraps a resolver: may refuse before it, look at what it gave, or measure it. `Needed` is the part of the context
 * that it reads.
 */
export type Middleware<Needed> = <Parent, Args, Context extends Needed, Result>(
  next: Resolver<Parent, Args, Context, Result>,
) => Resolver<Parent, Args, Context, Result | Promise<Awaited<Result>>>;

/**
 * Makes one middleware of several: the first of the list is the outermost.
 *
 * The order that serves: logging around everything, then who asks, then whether they may, then the input, then a
 * cache, then the resolver.
 *
 * @example compose(logged(log), requireUser, limited)(resolver)
 */
export const compose =
  <Needed>(...middlewares: readonly Middleware<Needed>[]): Middleware<Needed> =>
  <Parent, Args, Context extends Needed, Result>(resolver: Resolver<Parent, Args, Context, Result>) =>
    middlewares.reduceRight<Resolver<Parent, Args, Context, Result | Promise<Awaited<Result>>>>(
      (next, middleware) => middleware(next),
      resolver,
    );
