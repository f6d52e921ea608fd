import type { FetchNode, PlanNode, QueryPlan, QueryPlanSelectionNode } from '@apollo/query-planner';
import { buildSchema, GraphQLError, OperationTypeNode, type DocumentNode } from 'graphql';
import { describe, expect, it } from 'vitest';

import { SubgraphUnavailable } from '../../errors/gateway-errors.ts';
import type {
  SubgraphAddress,
  SubgraphAnswer,
  SubgraphRequest,
} from '../../subgraph-client/subgraph-client.ts';
import { compileProgram } from './compile-program.ts';
import type { DataObject } from './data-tree.ts';
import { Execution } from './execution.ts';

const schema = buildSchema(`
  type Query { posts: [Post!] users: [User!] me: User }
  type Post { id: ID! title: String author: User }
  type User { id: ID! name: String bio: String posts: [Post!] }
`);
const subgraphs = ['posts', 'users'].map((name) => ({ name, url: `http://${name}.test/graphql` }));

const root = (serviceName: string, operation: string, rest: Partial<FetchNode> = {}): FetchNode => ({
  kind: 'Fetch',
  serviceName,
  operation,
  operationKind: OperationTypeNode.QUERY,
  operationName: undefined,
  ...rest,
});

/** A fetch of entities by `id`; the selection is that of the entity. */
const entities = (
  serviceName: string,
  path: readonly string[],
  [type, selection]: readonly [string, string],
  variables = '',
): PlanNode => {
  const requires: QueryPlanSelectionNode[] = [
    {
      kind: 'InlineFragment',
      typeCondition: type,
      selections: ['__typename', 'id'].map((name) => ({ kind: 'Field', name })),
    },
  ];
  const operation = `query($representations:[_Any!]!${variables}){_entities(representations:$representations){...on ${type}{${selection}}}}`;
  return { kind: 'Flatten', path: [...path], node: root(serviceName, operation, { requires }) };
};

const sequence = (...nodes: PlanNode[]): PlanNode => ({ kind: 'Sequence', nodes });
const parallel = (...nodes: PlanNode[]): PlanNode => ({ kind: 'Parallel', nodes });

type Answer = SubgraphAnswer | Error;

interface RunOptions {
  readonly variables?: Record<string, unknown>;
  readonly operationType?: 'query' | 'mutation';
  readonly carriesIdentity?: (subgraph: string, operation: DocumentNode) => boolean;
}

/** Runs a plan on subgraphs that answer by the text of their requests, and records these. */
async function run(
  node: PlanNode,
  answer: (subgraph: string, body: string) => Answer | Promise<Answer>,
  { variables = {}, operationType = 'query', carriesIdentity = () => false }: RunOptions = {},
) {
  const requests: string[] = [];
  const sent: SubgraphRequest[] = [];
  const client = {
    fetch: async ({ name }: SubgraphAddress, request: SubgraphRequest) => {
      sent.push(request);
      const { query, variables: given } = JSON.parse(request.body) as { query: string; variables?: unknown };
      requests.push(`${name} ${query}${given === undefined ? '' : ` ${JSON.stringify(given)}`}`);
      const answered = await answer(name, request.body);
      if (answered instanceof Error) throw answered;
      return structuredClone(answered);
    },
  };
  const plan: QueryPlan = { kind: 'QueryPlan', node };
  const program = compileProgram(plan, { schema, subgraphs, carriesIdentity, operationType });
  const execution = new Execution({
    client,
    fetchContext: { requestId: 'r', identityProjection: '', signal: new AbortController().signal },
    variables,
    conditions: variables,
  });
  await program.run?.(execution);
  return { data: execution.data, execution, requests, sent, program };
}

const user = (id: string): DataObject => ({ __typename: 'User', id });
const posts = (...authors: string[]) => ({
  data: { posts: authors.map((id, index) => ({ __typename: 'Post', id: `p${index}`, author: user(id) })) },
});
const fetchPosts = root('posts', '{posts{__typename id author{__typename id}}}');
const author = ['posts', '@', 'author'];

/** Answers each `_entities` list of a body with what `entity` makes of its representations. */
const answerEntities = (body: string, entity: (representation: DataObject, list: string) => unknown) => {
  const { variables } = JSON.parse(body) as { variables: Record<string, DataObject[]> };
  const lists = Object.entries(variables).filter(([name]) => name.startsWith('representations'));
  const data = lists.map(([name, list]) => [
    name === 'representations' ? '_entities' : `e${name.slice('representations'.length)}`,
    list.map((representation) => entity(representation, name)),
  ]);
  return { data: Object.fromEntries(data) as DataObject };
};

const name = ({ id }: DataObject) => ({ name: `name of ${String(id)}` });

describe('a fetch of entities', () => {
  it('asks for each once, wherever and however often it stands', async () => {
    const plan = sequence(fetchPosts, entities('users', author, ['User', 'name']));
    const { data, requests } = await run(plan, (subgraph, body) =>
      subgraph === 'posts' ? posts('1', '2', '1') : answerEntities(body, name),
    );
    expect(requests[1]).toBe(
      'users query($representations:[_Any!]!){_entities(representations:$representations){...on User{name}}} ' +
        '{"representations":[{"__typename":"User","id":"1"},{"__typename":"User","id":"2"}]}',
    );
    expect((data['posts'] as DataObject[]).map((post) => (post['author'] as DataObject)['name'])).toEqual([
      'name of 1',
      'name of 2',
      'name of 1',
    ]);
  });

  it('takes entities of two types with equal keys for two', async () => {
    const { node } = entities('users', author, ['User', 'name']) as { node: FetchNode };
    const [ofUser] = node.requires ?? [];
    const both = { ...node, requires: [ofUser, { ...ofUser, typeCondition: 'Post' }] } as FetchNode;
    const plan = sequence(root('posts', '{posts{__typename id author{__typename id}}}'), {
      kind: 'Flatten',
      path: [...author],
      node: both,
    });
    const { requests } = await run(plan, (subgraph) =>
      subgraph === 'posts'
        ? { data: { posts: [{ author: user('1') }, { author: { __typename: 'Post', id: '1' } }] } }
        : { data: { _entities: [null, null] } },
    );
    expect(requests[1]).toContain('[{"__typename":"User","id":"1"},{"__typename":"Post","id":"1"}]');
  });

  it('is left out when there is nobody to ask for', async () => {
    const plan = sequence(fetchPosts, entities('users', author, ['User', 'name']));
    const { requests } = await run(plan, () => ({ data: { posts: [{ __typename: 'Post', author: null }] } }));
    expect(requests).toHaveLength(1);
  });

  it('hands on the variables that it uses and that the client gave', async () => {
    const plan = sequence(
      fetchPosts,
      entities('users', author, ['User', 'a:posts(n:$n,m:$m){id}'], ',$n:Int=3,$m:Int'),
    );
    const { requests } = await run(plan, (subgraph) => (subgraph === 'posts' ? posts('1') : { data: {} }), {
      variables: { n: 5, other: 1 },
    });
    expect(requests[1]).toContain('query($representations:[_Any!]!,$n:Int=3,$m:Int)');
    expect(requests[1]).toContain('"n":5}');
    expect(requests[1]).not.toContain('other');
  });

  it('takes no property of the answer that was not asked for', async () => {
    const plan = sequence(fetchPosts, entities('users', author, ['User', 'name']));
    const { data } = await run(plan, (subgraph, body) =>
      subgraph === 'posts' ? posts('1') : answerEntities(body, () => ({ name: 'Ada', bio: 'stolen' })),
    );
    expect(data['posts']).toEqual([
      { __typename: 'Post', id: 'p0', author: { __typename: 'User', id: '1', name: 'Ada' } },
    ]);
  });
});

describe('fetches side by side', () => {
  const both = parallel(
    entities('users', author, ['User', 'name']),
    entities('users', ['users', '@'], ['User', 'bio']),
  );
  const roots = parallel(fetchPosts, root('posts', '{users{__typename id}}'));
  const answer = (_subgraph: string, body: string): Answer => {
    if (body.includes('{users{')) return { data: { users: [user('2')] } };
    if (body.includes('{posts{')) return posts('1');
    return answerEntities(body, (entity) => ({ ...name(entity), bio: `bio of ${String(entity['id'])}` }));
  };

  it('leave as one request for one subgraph', async () => {
    const { data, requests } = await run(sequence(roots, both), answer);
    expect(requests.slice(2)).toEqual([
      'users query($representations0:[_Any!]!,$representations1:[_Any!]!){' +
        'e0:_entities(representations:$representations0){...on User{name}} ' +
        'e1:_entities(representations:$representations1){...on User{bio}}} ' +
        '{"representations0":[{"__typename":"User","id":"1"}],"representations1":[{"__typename":"User","id":"2"}]}',
    ]);
    expect(data['users']).toEqual([{ __typename: 'User', id: '2', bio: 'bio of 2' }]);
  });

  it('are one list where they ask the same', async () => {
    const same = parallel(
      entities('users', author, ['User', 'name']),
      entities('users', ['users', '@'], ['User', 'name']),
    );
    const { requests } = await run(sequence(roots, same), answer);
    expect(requests[2]).toContain(
      '{"representations":[{"__typename":"User","id":"1"},{"__typename":"User","id":"2"}]}',
    );
  });

  it('stay apart where only one of them may tell who asks', async () => {
    const carriesIdentity = (_subgraph: string, operation: DocumentNode) =>
      JSON.stringify(operation).includes('"bio"');
    const { sent } = await run(sequence(roots, both), answer, { carriesIdentity });
    expect(sent.slice(2).map((request) => request.carriesIdentity)).toEqual([false, true]);
  });

  it('stay apart in a mutation, and all tell who asks', async () => {
    const { sent } = await run(sequence(roots, both), answer, { operationType: 'mutation' });
    expect(sent.slice(2).map((request) => request.carriesIdentity)).toEqual([true, true]);
  });

  it('are sent again one by one when the joined one comes back empty', async () => {
    const { data, execution, requests } = await run(sequence(roots, both), (subgraph, body) => {
      if (body.includes('e0:')) return { data: null, errors: [{ message: 'boom', path: ['e0', 0] }] };
      if (body.includes('bio')) return { data: null, errors: [{ message: 'boom' }] };
      return answer(subgraph, body);
    });
    expect(requests).toHaveLength(5);
    expect(data['posts']).toMatchObject([{ author: { name: 'name of 1' } }]);
    expect(execution.failures.at((data['users'] as DataObject[])[0] ?? {}, 'bio')).toHaveLength(1);
  });

  it('wait for a later fetch of the same subgraph when nothing waits for them', async () => {
    const later = parallel(
      entities('users', ['users', '@'], ['User', 'name']),
      sequence(entities('posts', author, ['User', 'posts{id}']), entities('users', author, ['User', 'bio'])),
    );
    const { requests } = await run(sequence(roots, later), (subgraph, body) =>
      subgraph === 'posts' && body.includes('_entities')
        ? answerEntities(body, () => ({ posts: [] }))
        : answer(subgraph, body),
    );
    expect(requests.slice(2).map((request) => request.split(' ')[0])).toEqual(['posts', 'users']);
  });

  it('go on each by itself after a joined beginning', async () => {
    const plan = parallel(
      sequence(entities('users', author, ['User', 'name']), entities('posts', author, ['User', 'posts{id}'])),
      sequence(
        entities('users', ['users', '@'], ['User', 'bio']),
        entities('posts', ['users', '@'], ['User', 'posts{id}']),
      ),
    );
    const { requests } = await run(sequence(roots, plan), (subgraph, body) =>
      subgraph === 'posts' && body.includes('_entities')
        ? answerEntities(body, () => ({ posts: [] }))
        : answer(subgraph, body),
    );
    expect(requests.slice(2).map((request) => request.split(' ')[0])).toEqual(['users', 'posts']);
  });
});

describe('what is known', () => {
  const twice = sequence(
    fetchPosts,
    entities('users', author, ['User', 'name']),
    root('posts', '{users{__typename id}}'),
    entities('users', ['users', '@'], ['User', 'name']),
  );
  const answer = (_subgraph: string, body: string): Answer => {
    if (body.includes('{users{')) return { data: { users: [user('2'), user('3')] } };
    if (body.includes('{posts{')) return posts('1', '2');
    return answerEntities(body, name);
  };

  it('is not asked for again', async () => {
    const { data, requests } = await run(twice, answer);
    expect(requests[3]).toContain('{"representations":[{"__typename":"User","id":"3"}]}');
    expect(data['users']).toMatchObject([{ name: 'name of 2' }, { name: 'name of 3' }]);
  });

  it('is asked for again in a mutation, which may have changed it', async () => {
    const { requests } = await run(twice, answer, { operationType: 'mutation' });
    expect(requests[3]).toContain('"id":"2"');
  });

  it('is asked for again when it came with an error', async () => {
    const { requests } = await run(twice, (subgraph, body) => {
      if (!body.includes('"id":"1"')) return answer(subgraph, body);
      return {
        ...answerEntities(body, name),
        errors: [{ message: 'boom', path: ['_entities', 1, 'name'] }],
      };
    });
    expect(requests[3]).toContain('"id":"2"');
  });

  it('is waited for when it is on its way', async () => {
    const first = Promise.withResolvers<void>();
    const plan = parallel(
      sequence(fetchPosts, entities('users', author, ['User', 'name'])),
      sequence(root('users', '{users{__typename id}}'), entities('users', ['users', '@'], ['User', 'name'])),
    );
    const { data, requests } = await run(plan, async (subgraph, body) => {
      if (body.includes('{users{')) {
        // Until the other branch has asked.
        await first.promise;
        return { data: { users: [user('1')] } };
      }
      if (body.includes('_entities')) first.resolve();
      return answer(subgraph, body);
    });
    expect(requests).toHaveLength(3);
    expect(data['users']).toEqual([{ __typename: 'User', id: '1', name: 'name of 1' }]);
  });
});

describe('a fetch that fails', () => {
  const plan = sequence(fetchPosts, entities('users', author, ['User', 'name bio']));
  const authorOf = (data: DataObject, index: number) =>
    (data['posts'] as { author: DataObject }[])[index]?.author ?? {};

  it('takes with it what it would have brought, and nothing else', async () => {
    const { data, execution } = await run(plan, (subgraph) =>
      subgraph === 'posts' ? posts('1', '2') : new SubgraphUnavailable('users', 'could not be reached'),
    );
    const places = [...execution.failures.places()].map(({ parent, key }) => [parent, key]);
    expect(places).toEqual([
      [authorOf(data, 0), 'name'],
      [authorOf(data, 0), 'bio'],
      [authorOf(data, 1), 'name'],
      [authorOf(data, 1), 'bio'],
    ]);
  });

  it('is one with as many entities as were asked for, or it is wrong as a whole', async () => {
    const { execution } = await run(plan, (subgraph) =>
      subgraph === 'posts' ? posts('1', '2') : { data: { _entities: [{ name: 'only one' }] } },
    );
    const [first] = execution.failures.places();
    expect(first?.failures[0]?.error.extensions['code']).toBe('SUBGRAPH_UNAVAILABLE');
  });

  it('leaves an error of one entity with that entity, wherever it stands', async () => {
    const { data, execution } = await run(plan, (subgraph, body) =>
      subgraph === 'posts'
        ? posts('1', '2', '1')
        : {
            ...answerEntities(body, () => ({ name: null, bio: 'x' })),
            errors: [{ message: 'boom', path: ['_entities', 0, 'name'] }],
          },
    );
    expect(execution.failures.at(authorOf(data, 0), 'name')).toHaveLength(1);
    expect(execution.failures.at(authorOf(data, 2), 'name')).toHaveLength(1);
    expect(execution.failures.at(authorOf(data, 1), 'name')).toHaveLength(0);
  });

  it('is the reason why what needs its fields is missing', async () => {
    const needy: PlanNode = {
      kind: 'Flatten',
      path: [...author],
      node: root(
        'posts',
        'query($representations:[_Any!]!){_entities(representations:$representations){...on User{posts{id}}}}',
        {
          requires: [
            {
              kind: 'InlineFragment',
              typeCondition: 'User',
              selections: ['__typename', 'id', 'name'].map((each) => ({ kind: 'Field', name: each })),
            },
          ],
        },
      ),
    };
    const { data, execution, requests } = await run(sequence(plan, needy), (subgraph) =>
      subgraph === 'posts' ? posts('1') : new SubgraphUnavailable('users', 'could not be reached'),
    );
    expect(requests).toHaveLength(2);
    const [failure] = execution.failures.at(authorOf(data, 0), 'posts');
    expect(failure?.error).toBeInstanceOf(GraphQLError);
    expect(failure?.error).toBe(execution.failures.at(authorOf(data, 0), 'name')[0]?.error);
  });

  it('is a mistake of ours unless it is known', async () => {
    await expect(run(plan, () => new TypeError('bug'))).rejects.toThrow('bug');
  });
});

describe('other nodes', () => {
  it('take the branch that a variable says', async () => {
    const plan: PlanNode = {
      kind: 'Condition',
      condition: 'wanted',
      ifClause: fetchPosts,
      elseClause: root('users', '{me{id}}'),
    };
    const asked = async (wanted: boolean) =>
      (await run(plan, () => ({ data: {} }), { variables: { wanted } })).requests.map(
        (each) => each.split(' ')[0],
      );
    expect(await asked(true)).toEqual(['posts']);
    expect(await asked(false)).toEqual(['users']);
  });

  it('give an answer the keys that it could not have', async () => {
    const plan = root('posts', '{posts{__typename id name__alias_0:title}}', {
      outputRewrites: [
        { kind: 'KeyRenamer', path: ['posts', '... on Post', 'name__alias_0'], renameKeyTo: 'title' },
      ],
    });
    const { data } = await run(plan, () => ({
      data: {
        posts: [
          { __typename: 'Post', id: '1', name__alias_0: 0 },
          { __typename: 'User', name__alias_0: 'x' },
        ],
      },
    }));
    expect(data['posts']).toMatchObject([{ title: 0 }, { name__alias_0: 'x' }]);
  });

  it('ask once for each value that arguments take from above', async () => {
    const plan = sequence(fetchPosts, {
      kind: 'Flatten',
      path: [...author],
      node: root(
        'users',
        'query($representations:[_Any!]!,$contextualArgument_1_0:ID){_entities(representations:$representations){...on User{bio(of:$contextualArgument_1_0)}}}',
        {
          requires: [
            {
              kind: 'InlineFragment',
              typeCondition: 'User',
              selections: ['__typename', 'id'].map((each) => ({ kind: 'Field', name: each })),
            },
          ],
          contextRewrites: [
            { kind: 'KeyRenamer', path: ['..', '... on Post', 'id'], renameKeyTo: 'contextualArgument_1_0' },
          ],
        },
      ),
    });
    const { data, requests } = await run(plan, (subgraph, body) => {
      if (subgraph === 'posts') return posts('1', '1');
      const { variables } = JSON.parse(body) as { variables: Record<string, string> };
      return { data: { _entities: [{ bio: `for ${variables['contextualArgument_1_0']}` }] } };
    });
    expect(requests).toHaveLength(3);
    expect(data['posts']).toMatchObject([{ author: { bio: 'for p0' } }, { author: { bio: 'for p1' } }]);
  });

  it('leave the source of a subscription to whoever listens, and resolve the rest of an event', async () => {
    const program = compileProgram(
      {
        kind: 'QueryPlan',
        node: {
          kind: 'Subscription',
          primary: root('posts', 'subscription{posts{__typename id author{__typename id}}}', {
            operationKind: OperationTypeNode.SUBSCRIPTION,
          }),
          rest: entities('users', author, ['User', 'name']),
        },
      },
      { schema, subgraphs, carriesIdentity: () => false, operationType: 'subscription' },
    );
    expect(program.source?.fetch.operation.selectionText).toBe(
      '{posts{__typename id author{__typename id}}}',
    );
    const execution = new Execution({
      client: { fetch: async (_subgraph, { body }) => answerEntities(body, name) },
      fetchContext: { requestId: 'r', identityProjection: '', signal: new AbortController().signal },
      variables: {},
      conditions: {},
    });
    program.source?.fetch.merge(execution.data, posts('1').data);
    await program.run?.(execution);
    expect(execution.data['posts']).toMatchObject([{ author: { name: 'name of 1' } }]);
  });
});
