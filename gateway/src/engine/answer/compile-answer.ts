import { LRUCache } from 'lru-cache';

import { buildShape } from './build-shape.ts';
import { writeCarefully, type AnswerPart, type WrittenAnswer } from './careful-writer.ts';
import type { Failures } from './failures.ts';
import { generateWriter } from './fast-writer.ts';
import { createIntrospection } from './introspection.ts';
import type { NormalizedOperation } from './normalize-operation.ts';
import { once } from './once.ts';

export type { AnswerPart, LaterPart, WrittenAnswer } from './careful-writer.ts';

export interface AnswerRequest {
  /** The root of the data tree, by data keys. Its objects are as JSON.parse makes them. */
  readonly data: object;
  /** Coerced. */
  readonly variables: Readonly<Record<string, unknown>>;
  readonly failures: Failures;
}

export interface AnswerWriter {
  /** Writes the answer of a client from a data tree, with what graphql-js says about the schema itself. */
  write(request: AnswerRequest): WrittenAnswer;
  /**
   * Writes what is not deferred, and says what is: each fragment for each object that was answered. A part can be written
   * when the fetches that the plan has for its label are done, or at once when the plan has none; it may name more.
   */
  writeFirst(request: AnswerRequest): AnswerPart;
}

/** Which writer to use; `fast-only` throws where the generated one gives up, for tests. */
export type WriterChoice = 'fast-first' | 'careful-only' | 'fast-only';

/**
 * Settings of its conditions for which one operation keeps writers. Clients choose the conditions, and eight of them have
 * 256 settings; those asked for last stay, and few operations are asked for with more than a handful at a time. What an
 * operation takes of memory is reckoned with as many.
 */
export const maxSettings = 8;

/**
 * Compiles what writes the answers to one operation. Two writers share a shape: a generated one, which gives up on
 * anything that is not as it should be, and a careful one, which then says what is wrong. Conditions are settled before:
 * each setting of their variables has writers of its own, without a condition in them.
 */
export function compileAnswer(
  normalized: NormalizedOperation,
  choice: WriterChoice = 'fast-first',
): AnswerWriter {
  const { conditionVariables } = normalized.operation;
  const introspectFor = createIntrospection(normalized);
  const variants = new LRUCache<string, AnswerWriter>({ max: maxSettings });
  const variantFor = (variables: AnswerRequest['variables']): AnswerWriter => {
    const trueOnes = conditionVariables.filter((name) => variables[name] === true);
    const key = trueOnes.join();
    let variant = variants.get(key);
    if (!variant) {
      variant = compileVariant(normalized, { introspectFor, choice, trueOnes: new Set(trueOnes) });
      variants.set(key, variant);
    }
    return variant;
  };
  if (conditionVariables.length === 0) return variantFor({});
  return {
    write: (request) => variantFor(request.variables).write(request),
    writeFirst: (request) => variantFor(request.variables).writeFirst(request),
  };
}

interface VariantOptions {
  readonly introspectFor: ReturnType<typeof createIntrospection>;
  readonly choice: WriterChoice;
  readonly trueOnes: ReadonlySet<string>;
}

function compileVariant(
  normalized: NormalizedOperation,
  { introspectFor, choice, trueOnes }: VariantOptions,
): AnswerWriter {
  const isTrue = (name: string) => trueOnes.has(name);
  const shape = once(() => buildShape(normalized, { isTrue, defers: false }));
  const shapeOfFirst = once(() => buildShape(normalized, { isTrue, defers: true }));
  const fast = once(() => generateWriter(shape()));
  // An operation that comes once is not worth generating code for.
  let isWorthIt = choice === 'fast-only';
  const writeFast = ({ data, variables }: AnswerRequest): WrittenAnswer | undefined => {
    const text = fast()(data, introspectFor(variables));
    return text === undefined ? undefined : { data: text, errors: [] };
  };
  const careful = ({ variables, ...request }: AnswerRequest) => ({
    ...request,
    introspect: introspectFor(variables),
  });
  return {
    write: (request) => {
      const answer = isWorthIt && request.failures.isEmpty ? writeFast(request) : undefined;
      if (answer) return answer;
      if (choice === 'fast-only') throw new Error('Expected the generated writer not to give up');
      isWorthIt = choice === 'fast-first';
      return writeCarefully(shape(), careful(request));
    },
    writeFirst: (request) => writeCarefully(shapeOfFirst(), careful(request)),
  };
}
