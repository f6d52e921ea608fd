import { quote } from '../quote.ts';
import type { Batch, EntitySelection } from './asked-entities.ts';
import type { Execution } from './execution.ts';
import type { VariableUse } from './fetch-operation.ts';
import { variablesText } from './request-body.ts';

/** The key of a batch in the answer to a request with so many. */
export const aliasOf = (index: number, count: number): string => (count === 1 ? '_entities' : `e${index}`);

const variableOf = (index: number, count: number): string =>
  count === 1 ? 'representations' : `representations${index}`;

/** Writes the body of a request for some batches. */
export type WriteBody = (batches: readonly Batch[], execution: Execution) => string;

/** What the bodies of some selections have in common. */
interface Template {
  /** `{"query":"…","variables":{` */
  readonly head: string;
  readonly variables: readonly VariableUse[];
}

/** Which of the joined fetches have something to ask differs, so what was needed once is kept. */
export function createWriteBody(): WriteBody {
  const templates = new Map<string, Template>();
  return (batches, execution) => {
    const [first] = batches;
    const key = batches.map(({ selection }) => selection.id).join();
    let template = templates.get(key);
    if (!template) templates.set(key, (template = createTemplate(batches.map(({ selection }) => selection))));
    let text = template.head;
    for (const [index, { entities }] of batches.entries()) {
      const list = entities.map(({ representation }) => representation).join(',');
      text += `${index === 0 ? '' : ','}"${variableOf(index, batches.length)}":[${list}]`;
    }
    const variables = variablesText(template.variables, execution);
    if (variables !== '') text += `,${variables}`;
    if (first && first.context !== '') text += `,${first.context}`;
    return `${text}}}`;
  };
}

function createTemplate(selections: readonly EntitySelection[]): Template {
  const variables = variablesOf(selections);
  return {
    head: `{"query":${quote(queryText(selections, variables))},"variables":{`,
    variables: variables.filter(({ name }) => !selections.some(({ fromContext }) => fromContext.has(name))),
  };
}

/** Joined fetches are of one client operation, where a variable has one definition. */
const variablesOf = (selections: readonly EntitySelection[]): readonly VariableUse[] => [
  ...new Map(
    selections.flatMap(({ operation }) => operation.variables.map((each) => [each.name, each] as const)),
  ).values(),
];

function queryText(selections: readonly EntitySelection[], variables: readonly VariableUse[]): string {
  const count = selections.length;
  const definitions = [
    ...selections.map((_selection, index) => `$${variableOf(index, count)}:[_Any!]!`),
    ...variables.map(({ definition }) => definition),
  ];
  const fields = selections.map(({ operation }, index) => {
    const alias = count === 1 ? '' : `${aliasOf(index, count)}:`;
    return `${alias}_entities(representations:$${variableOf(index, count)})${operation.selectionText}`;
  });
  return `query(${definitions.join(',')})${selections[0]?.operation.directivesText ?? ''}{${fields.join(' ')}}`;
}
