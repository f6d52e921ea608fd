/** What is wrong with a channel template or a filter, for whoever wrote the schema. */
export class GrammarError extends Error {
  override readonly name = 'GrammarError';
}
