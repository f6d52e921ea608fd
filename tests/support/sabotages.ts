import type { Sabotage, SabotagedAnswer } from './start-saboteur.ts';

/** Mistakes that are easily made in a gateway, a loader or a resolver, each as small as it can be. */
export const sabotages: Readonly<Record<string, () => Sabotage>> = {
  'two entities of one fetch change places': () => ({
    answer: ({ data }) => {
      const entities = data?.['_entities'];
      if (Array.isArray(entities)) [entities[0], entities[1]] = [entities[1] ?? entities[0], entities[0]];
    },
  }),
  'a list loses its last row': () => ({
    answer: ({ data }) => eachList(data, 'edges', (edges) => void (edges.length > 1 && edges.pop())),
  }),
  'a list gives one row more than was asked for': () => ({
    ask: ({ query, ...rest }) => ({
      ...rest,
      query: query.replaceAll(/first:\s*(\d+)/g, (_all, first: string) => `first:${Number(first) + 1}`),
    }),
  }),
  'an error becomes a null that nobody speaks of': () => ({
    answer: (answer) => {
      if (answer.data) delete answer.errors;
    },
  }),
  'an error is reported beside the place where it happened': () => ({
    answer: ({ errors = [] }) => {
      for (const { path } of errors) {
        const index = path?.findLastIndex((key) => typeof key === 'number') ?? -1;
        if (path && index > 0) path[index] = Number(path[index]) + 1;
      }
    },
  }),
  'an entity is not found': () => ({
    answer: ({ data }) => {
      const entities = data?.['_entities'];
      if (Array.isArray(entities) && entities.length > 1) entities[entities.length - 1] = null;
    },
  }),
  'a page says that it is the last one': () => ({
    answer: ({ data }) =>
      eachObject(data, (object) => void (object['hasNextPage'] === true && (object['hasNextPage'] = false))),
  }),
  'everybody is taken for the one who asked first': () => {
    let first: string | undefined;
    return {
      ask: (request, headers) => {
        first ??= String(headers['tributary-identity']);
        headers['tributary-identity'] = first;
        return request;
      },
    };
  },
  'an answer is kept for the same text with other values': () => {
    const answers = new Map<string, string>();
    return {
      answer: (answer, { query }) => {
        const known = answers.get(query);
        answers.set(query, known ?? JSON.stringify(answer));
        if (known) Object.assign(answer, JSON.parse(known) as SabotagedAnswer);
      },
    };
  },
  'the defaults of variables are forgotten': () => ({
    ask: ({ query, variables = {} }) => ({
      query: query.replaceAll(/(\$\w+\s*:\s*[\w![\]]+)\s*=\s*(?:"[^"]*"|[\w.-]+)/g, '$1'),
      variables,
    }),
  }),
  'one field is given for another': () => ({
    answer: ({ data }) =>
      eachObject(data, (object) => {
        if ('createdAt' in object) object['updatedAt'] = object['createdAt'] = '2026-01-01T00:00:00.000Z';
      }),
  }),
};

function eachObject(value: unknown, visit: (object: Record<string, unknown>) => void): void {
  if (typeof value !== 'object' || value === null) return;
  if (!Array.isArray(value)) visit(value as Record<string, unknown>);
  for (const part of Object.values(value)) eachObject(part, visit);
}

const eachList = (value: unknown, name: string, visit: (list: unknown[]) => void): void =>
  eachObject(value, (object) => {
    const list = object[name];
    if (Array.isArray(list)) visit(list);
  });
