import { parse, print, stripIgnoredCharacters } from 'graphql';
import { expect, it } from 'vitest';

import { freeVariableNames } from './free-variable-names.ts';

const free = (text: string, variables: Record<string, unknown> = {}) => {
  const { document, rename } = freeVariableNames(parse(text));
  return { text: stripIgnoredCharacters(print(document)), variables: rename(variables) };
};

it('leaves an operation alone whose variables are its own', () => {
  const document = parse('query ($id: ID) { post(id: $id) { id } }');
  expect(freeVariableNames(document).document).toBe(document);
});

it('renames what plans use, everywhere, with the values', () => {
  const text =
    'query($representations:ID$contextualArgument_1_0:Int){a(id:$representations)...F}fragment F on Query{b(n:$contextualArgument_1_0)}';
  expect(free(text, { representations: '1', contextualArgument_1_0: 2 })).toEqual({
    text: 'query($client_representations:ID$client_contextualArgument_1_0:Int){a(id:$client_representations)...F}fragment F on Query{b(n:$client_contextualArgument_1_0)}',
    variables: { client_representations: '1', client_contextualArgument_1_0: 2 },
  });
});

it('takes no name that the operation has', () => {
  const text =
    'query($representations0:ID$client_representations0:ID){a(id:$representations0)b(id:$client_representations0)}';
  expect(free(text).text).toBe(
    'query($client_representations0_:ID$client_representations0:ID){a(id:$client_representations0_)b(id:$client_representations0)}',
  );
});
