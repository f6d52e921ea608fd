import { buildSchema, parse } from 'graphql';
import { describe, expect, it } from 'vitest';

import { RequestErrors } from '../operations/coerce-variables.ts';
import { defaultDocumentLimits } from '../operations/limit-document.ts';
import { ServedOperations } from './served-operations.ts';

const sdl = 'directive @defer(if: Boolean) on INLINE_FRAGMENT type Query { me: String you: String }';
const schema = buildSchema(sdl);
const serve = (limits = defaultDocumentLimits) => new ServedOperations(schema, limits);

describe('the operations of a document', () => {
  it('stay the same for the same document', () => {
    const served = serve();
    const document = parse('{ me }');
    expect(served.of(document, schema)).toBe(served.of(document, schema));
  });

  it('stay the same for another object that says the same', () => {
    const served = serve();
    expect(served.of(parse('{ me }'), schema)).toBe(served.of(parse('{\n  me }'), schema));
    expect(served.of(parse('{ me }'), schema)).not.toBe(served.of(parse('{ you }'), schema));
  });

  it('are let go with all that was made of them when that takes too much memory', () => {
    const served = new ServedOperations(schema, defaultDocumentLimits, 20_000);
    const document = parse('{ me }');
    const [operation, ...others] = served.of(document, schema);
    expect(others).toEqual([]);
    served.of(parse('{ you }'), schema);
    expect(served.of(document, schema)[0]).toBe(operation);
    served.weigh(operation?.text ?? '', () => 30_000);
    expect(served.of(document, schema)[0]).not.toBe(operation);
  });

  it('must fit a schema that has come after they were validated', () => {
    const earlier = buildSchema('type Query { me: String gone: String }');
    const served = serve();
    expect(served.of(parse('{ me }'), earlier)).toHaveLength(1);
    expect(() => served.of(parse('{ gone }'), earlier)).toThrow(RequestErrors);
    expect(() => served.of(parse('{ gone }'), earlier)).toThrow('Cannot query field "gone" on type "Query".');
  });

  it('may not be more than can be planned', () => {
    expect(() => serve({ ...defaultDocumentLimits, maxFields: 1 }).of(parse('{ me you }'), schema)).toThrow(
      'Expected an operation with at most 1 fields (fragments written out), but got 2',
    );
  });

  it.each([
    ['{ ... @defer { me } }', '@defer'],
    ['query ($later: Boolean) { ... @defer(if: $later) { me } }', '@defer'],
    ['{ me @stream }', '@stream'],
  ])('may not ask for an answer in pieces: %s', (text, directive) => {
    expect(() => serve().of(parse(text), schema)).toThrow(
      `Expected an operation without ${directive}: a gateway inside Apollo Server answers in one piece`,
    );
  });

  it('may say that it is to come in one piece', () => {
    expect(serve().of(parse('{ ... @defer(if: false) { me } }'), schema)).toHaveLength(1);
  });

  it('may not be subscriptions', () => {
    expect(() => serve().of(parse('subscription { me }'), schema)).toThrow(
      'Expected a query or a mutation, but got a subscription: Apollo Server has none of a gateway',
    );
  });
});
