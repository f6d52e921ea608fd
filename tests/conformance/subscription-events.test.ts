import type { MemorySupergraph } from '@tributary/testkit';
import { createLogger } from '@tributary/telemetry';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import type { Engine, EventAnswer } from '../../gateway/src/engine/engine.ts';
import { prepareDocument } from '../../gateway/src/operations/prepare-document.ts';
import { SubgraphClient } from '../../gateway/src/subgraph-client/subgraph-client.ts';
import { readSupergraph } from '../../gateway/src/supergraph/read-supergraph.ts';
import { loadInProcess } from '../support/engine-oracle/load-in-process.ts';
import { startTalkingSupergraph, type TalkingSupergraph } from '../support/talking-supergraph.ts';

let supergraph: TalkingSupergraph;
let client: SubgraphClient;
let engine: Engine;

beforeEach(async () => {
  supergraph = await startTalkingSupergraph();
  client = new SubgraphClient({ fetchTimeoutMs: 5000 });
  engine = await loadInProcess(readSupergraph(supergraph.sdl, { source: 'test' }), {
    subgraphClient: client,
    logger: createLogger({ name: 'test', level: 'fatal' }),
  });
});
afterEach(async () => {
  await engine.stop();
  await client.stop();
  await supergraph.stop();
});

const comment = { __typename: 'Comment', id: '7' };
const signal = new AbortController().signal;

async function subscribe(text: string) {
  const prepared = prepareDocument(text, { schema: engine.schema, introspection: true });
  const [operation] = prepared.operations ?? [];
  if (!operation) throw new Error(prepared.errors?.join());
  const { subscription } = await engine.plan({ operation });
  if (!subscription) throw new Error('Expected a subscription');
  return subscription;
}

/** Answers one event; gives the text, errors after it. */
async function answer(
  text: string,
  {
    entity = comment,
    fields,
    variables = {},
  }: { entity?: object; fields?: Record<string, unknown>; variables?: Record<string, unknown> } = {},
): Promise<string> {
  const subscription = await subscribe(text);
  return textOf(
    await subscription.answerEvent({
      subject: { entity: entity as Record<string, unknown>, fields },
      variables,
      coercedVariables: variables,
      fetchContext: { requestId: 'r', identityProjection: '', signal },
    }),
  );
}

const textOf = (answered: EventAnswer): string =>
  typeof answered === 'string'
    ? answered
    : [answered.data, ...answered.errors.map((error) => `${error.path?.join('.')}: ${error.message}`)].join(
        '\n',
      );

const asked = (name: string, of: MemorySupergraph = supergraph) =>
  of.subgraph(name).requests.map(({ query, variables }) => `${query} ${JSON.stringify(variables)}`);

describe('an event', () => {
  it('is answered over three subgraphs, each asked once, from its entity on', async () => {
    const text = `subscription ($post: ID!, $short: Boolean) {
      added: commentAdded(postId: $post) { text: body author { name } post { title(short: $short) commentCount } }
    }`;
    expect(await answer(text, { variables: { post: '42', short: true } })).toBe(
      '{"added":{"text":"Agreed","author":{"name":"Grace"},"post":{"title":"On","commentCount":1}}}',
    );
    expect(asked('comments')).toEqual([
      'query($representations:[_Any!]!){_entities(representations:$representations)' +
        '{...on Comment{body author{__typename id}post{__typename id commentCount}}}} ' +
        '{"representations":[{"__typename":"Comment","id":"7"}]}',
    ]);
    expect(asked('posts')).toEqual([
      'query($representations:[_Any!]!,$short:Boolean){_entities(representations:$representations)' +
        '{...on Post{title__1:title(short:$short)}}} ' +
        '{"representations":[{"__typename":"Post","id":"42"}],"short":true}',
    ]);
    expect(asked('users')).toHaveLength(1);
  });

  it('whose key is all that is selected is answered without a fetch', async () => {
    expect(await answer('subscription { commentAdded(postId: 42) { id __typename } }')).toBe(
      '{"commentAdded":{"id":"7","__typename":"Comment"}}',
    );
    expect(asked('comments')).toEqual([]);
  });

  it('saves the fetches that what came with it makes needless, and no others', async () => {
    const text = 'subscription { commentAdded(postId: 42) { id body author { id name } } }';
    const fields = { body: 'As it was', author: { __typename: 'User', id: '2', secret: 1 }, other: 1 };
    expect(await answer(text, { fields })).toBe(
      '{"commentAdded":{"id":"7","body":"As it was","author":{"id":"2","name":"Grace"}}}',
    );
    expect(asked('comments')).toEqual([]);
    expect(asked('users')).toHaveLength(1);
    expect(await answer(text, { fields: { body: 'Without an author' } })).toContain('"body":"Agreed"');
  });

  it('is about one of several types where the field returns a union', async () => {
    const text = `subscription { postActivity(postId: 42) {
      __typename ... on Comment { body } ... on Post { title commentCount }
    } }`;
    expect(await answer(text)).toBe('{"postActivity":{"__typename":"Comment","body":"Agreed"}}');
    expect(await answer(text, { entity: { __typename: 'Post', id: '42' } })).toBe(
      '{"postActivity":{"__typename":"Post","title":"On engines","commentCount":1}}',
    );
    expect(await answer(text, { entity: { __typename: 'User', id: '1' } })).toBe('foreign');
  });

  it('of an entity that is gone is not answered', async () => {
    supergraph.data.comments.clear();
    expect(await answer('subscription { commentAdded(postId: 42) { body } }')).toBe('gone');
  });

  it('is answered with an error at its place where its subgraph does not answer', async () => {
    supergraph.subgraph('comments').misbehave((response) => response.writeHead(500).end());
    expect(await answer('subscription { added: commentAdded(postId: 42) { body } }')).toBe(
      '{"added":null}\nadded: Subgraph "comments" answered with status 500 and no content type, where JSON was expected',
    );
  });

  it.each([
    [
      'an error for the entity',
      '{"data":{"_entities":[null]},"errors":[{"message":"no","path":["_entities",0]}]}',
    ],
    ['an error for all', '{"errors":[{"message":"no"}]}'],
    ['another number of entities', '{"data":{"_entities":[]}}'],
    ['something that is no entity', '{"data":{"_entities":["x"]}}'],
  ])('is answered with an error when %s comes', async (_what, body) => {
    supergraph.subgraph('comments').misbehave((response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).end(body);
    });
    expect(await answer('subscription { commentAdded(postId: 42) { body } }')).toMatch(
      /^\{"commentAdded":null\}\ncommentAdded: ./,
    );
  });

  it('keeps what else an entity with an error has', async () => {
    supergraph.subgraph('comments').misbehave((response) => {
      response
        .writeHead(200, { 'content-type': 'application/json' })
        .end(
          '{"data":{"_entities":[{"body":null,"author":{"__typename":"User","id":"1"}}]},' +
            '"errors":[{"message":"no","path":["_entities",0,"body"],"extensions":{"code":"NOT_FOUND"}}]}',
        );
    });
    expect(await answer('subscription { commentAdded(postId: 42) { body author { name } } }')).toBe(
      '{"commentAdded":{"body":null,"author":{"name":"Ada"}}}\ncommentAdded.body: no',
    );
  });
});

it('knows whether answers are for one caller only', async () => {
  const isPersonal = async (selection: string) =>
    (await subscribe(`subscription { commentAdded(postId: 42) { ${selection} } }`)).carriesIdentity;
  expect(await isPersonal('author { name }')).toBe(false);
  expect(await isPersonal('author { isViewer }')).toBe(true);
  expect(await isPersonal('author { email }')).toBe(true);
});

it('answers with what a subgraph published by itself', async () => {
  const subscription = await subscribe(
    'subscription ($post: ID!) { commentAdded(postId: $post) { body author { name } } }',
  );
  const variables = { post: '42' };
  expect(subscription.sourceBody({ variables, coercedVariables: variables })).toBe(
    '{"query":"subscription($post:ID!){commentAdded__1:commentAdded(postId:$post){body author{__typename id}}}",' +
      '"variables":{"post":"42"}}',
  );
  const request = {
    variables,
    coercedVariables: variables,
    fetchContext: { requestId: 'r', identityProjection: '', signal },
  };
  const published = { commentAdded__1: { body: 'Hello', author: { __typename: 'User', id: '1' } } };
  expect(textOf(await subscription.answerResult({ data: published }, request))).toBe(
    '{"commentAdded":{"body":"Hello","author":{"name":"Ada"}}}',
  );
  const refused = { data: null, errors: [{ message: 'Not now', extensions: { code: 'CONFLICT' } }] };
  expect(textOf(await subscription.answerResult(refused, request))).toBe(
    '{"commentAdded":null}\ncommentAdded: Not now',
  );
});
