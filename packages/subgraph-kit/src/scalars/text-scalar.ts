import { inspect } from 'node:util';

import { GraphQLError, GraphQLScalarType, Kind, print, type ValueNode } from 'graphql';

export interface TextScalarOptions<Internal> {
  readonly name: string;
  /** Follows "must be": what clients have to write, with an example. */
  readonly expected: string;
  /** Throws for a text that is none, for whatever reason in whatever words. */
  readonly parse: (text: string) => Internal;
  /** Makes the text of what a resolver gave; throws for what has none. */
  readonly print: (value: unknown) => string;
}

/**
 * Makes a scalar that travels as a text: one rule for literals and variables, and one sentence for all that is wrong,
 * which names the value.
 *
 * @example textScalar({ name: 'Color', expected: 'a color, such as "#ff8800"', parse: readColor, print: String })
 */
export function textScalar<Internal>({ name, expected, parse, print: toText }: TextScalarOptions<Internal>) {
  const refuse = (shown: string, details: { nodes?: ValueNode; originalError?: unknown } = {}) => {
    const { nodes, originalError } = details;
    return new GraphQLError(`${name} must be ${expected}, but got ${shown}`, {
      ...(nodes && { nodes }),
      originalError: originalError instanceof Error ? originalError : null,
    });
  };

  const read = (value: unknown, nodes?: ValueNode): Internal => {
    if (typeof value !== 'string') throw refuse(show(value), { ...(nodes && { nodes }) });
    try {
      return refuseInvalidDate(parse(value));
    } catch (originalError: unknown) {
      throw refuse(show(value), { originalError, ...(nodes && { nodes }) });
    }
  };

  return new GraphQLScalarType<Internal, string>({
    name,
    parseValue: (value) => read(value),
    parseLiteral: (node) => {
      if (node.kind !== Kind.STRING) throw refuse(print(node).slice(0, longestShown), { nodes: node });
      return read(node.value, node);
    },
    serialize: (value) => {
      try {
        return toText(refuseInvalidDate(value));
      } catch (originalError: unknown) {
        throw refuse(show(value), { originalError });
      }
    },
  });
}

/** Formats that look right can still be no time at all; a Date that says so prints as null much later. */
function refuseInvalidDate<T>(value: T): T {
  if (value instanceof Date && Number.isNaN(value.getTime())) throw new RangeError('Expected a valid Date');
  return value;
}

/** A client may send a text of any length; the beginning is enough to find it. */
const longestShown = 100;

function show(value: unknown): string {
  if (typeof value === 'object' || typeof value === 'string') {
    return (JSON.stringify(value) ?? typeof value).slice(0, longestShown);
  }
  return typeof value === 'function' ? 'a function' : inspect(value);
}
