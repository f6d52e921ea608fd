import { isObjectType, type GraphQLSchema } from 'graphql';

/**
 * Makes every field with a resolver of its own stop a request whose `context.signal` is aborted, at the latest when the
 * next field begins or the next value comes.
 *
 * Such a field stays without an answer for ever: whoever runs the operation has stopped waiting (`untilAborted`), and
 * what nobody waits for is garbage. Throwing instead would make graphql-js collect an error for each of the fields that
 * are left, of which there may be millions.
 */
export function stopWhenAborted(schema: GraphQLSchema): GraphQLSchema {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__')) continue;
    for (const field of Object.values(type.getFields())) {
      const { resolve } = field;
      if (!resolve) continue;
      field.resolve = (parent, args, context: unknown, info) => {
        const signal = signalOf(context);
        if (!signal) return resolve(parent, args, context, info);
        if (signal.aborted) return never();
        const value = resolve(parent, args, context, info);
        return value instanceof Promise ? unlessAborted(signal, value) : value;
      };
    }
  }
  return schema;
}

/** Also what fails then is not worth an error of its own: loaders refuse. */
const unlessAborted = <T>(signal: AbortSignal, value: Promise<T>): Promise<T> =>
  value.then(
    (settled) => (signal.aborted ? never() : settled),
    (error: unknown) => {
      if (signal.aborted) return never();
      throw error;
    },
  );

/** One for each use: what waits for a promise lives as long as it does. */
const never = (): Promise<never> => new Promise(() => {});

const signalOf = (context: unknown): AbortSignal | undefined =>
  (context as { readonly signal?: AbortSignal } | undefined)?.signal;
