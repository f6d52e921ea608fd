import type { LintedType, LintRule } from '../linted-schema.ts';

/** An input of more fields than this is no longer read off its names. */
const manyFields = 5;

/** What is hard to write right the first time shows one: own scalars and large inputs have an example. */
export const examples: LintRule = {
  name: 'examples',
  severity: 'info',
  *check(schema) {
    for (const type of schema.ofKind('scalar', 'input')) {
      if (!isComplex(type) || !type.description || showsExample(type.description.value)) continue;
      yield {
        node: type.node,
        coordinate: type.name,
        message: `Expected the description of ${type.name} to show an example, such as \`…\` or "for example …"`,
      };
    }
  },
};

const isComplex = ({ kind, inputFields }: LintedType) => kind === 'scalar' || inputFields.length > manyFields;

const showsExample = (text: string) => /\bexample|\be\.g\.|`[^`]+`/i.test(text);
