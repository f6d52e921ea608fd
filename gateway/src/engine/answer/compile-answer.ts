import { LRUCache } from 'lru-cache';

import { buildShape } from './build-shape.ts';
import { writeCarefully, type WrittenAnswer } from './careful-writer.ts';
import type { Failures } from './failures.ts';
import { generateWriter } from './fast-writer.ts';
import { createIntrospection } from './introspection.ts';
import type { NormalizedOperation } from './normalize-operation.ts';

export type { WrittenAnswer } from './careful-writer.ts';

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
}

/** Which writer to use; `fast-only` throws where the generated one gives up, for tests. */
export type WriterChoice = 'fast-first' | 'careful-only' | 'fast-only';

// Clients choose the conditions: eight of them have 256 settings.
const maxVariants = 32;

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
  const variants = new LRUCache<string, AnswerWriter>({ max: maxVariants });
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
  return { write: (request) => variantFor(request.variables).write(request) };
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
  const root = buildShape(normalized, (name) => trueOnes.has(name));
  let fast: ReturnType<typeof generateWriter> | undefined;
  // An operation that comes once is not worth generating code for.
  let isWorthIt = choice === 'fast-only';
  const writeFast = ({ data, variables }: AnswerRequest): WrittenAnswer | undefined => {
    fast ??= generateWriter(root);
    const text = fast(data, introspectFor(variables));
    return text === undefined ? undefined : { data: text, errors: [] };
  };
  return {
    write: (request) => {
      const answer = isWorthIt && request.failures.isEmpty ? writeFast(request) : undefined;
      if (answer) return answer;
      if (choice === 'fast-only') throw new Error('Expected the generated writer not to give up');
      isWorthIt = choice === 'fast-first';
      const { data, failures, variables } = request;
      return writeCarefully(root, { data, failures, introspect: introspectFor(variables) });
    },
  };
}
