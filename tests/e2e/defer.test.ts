import { ApolloClient, gql, HttpLink, InMemoryCache } from '@apollo/client';
import { Defer20220824Handler, GraphQL17Alpha9Handler, type Incremental } from '@apollo/client/incremental';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { startDeferringSupergraph, type DeferringSupergraph } from '../support/deferring-supergraph.ts';
import { hasBrowser, startBrowser } from '../support/start-browser.ts';
import { startTestGateway, type TestGateway } from '../support/start-test-gateway.ts';

let supergraph: DeferringSupergraph;
let gateway: TestGateway;

beforeAll(async () => {
  supergraph = await startDeferringSupergraph();
  gateway = await startTestGateway(supergraph);
});
afterAll(async () => {
  await gateway?.stop();
  await supergraph?.stop();
});

const handlers = {
  Defer20220824Handler: () => new Defer20220824Handler(),
  // Its types were written without exactOptionalPropertyTypes.
  GraphQL17Alpha9Handler: () => new GraphQL17Alpha9Handler() as unknown as Incremental.Handler,
};

function connect(handler: keyof typeof handlers) {
  const contentTypes: (string | null)[] = [];
  const observed: typeof fetch = async (...request) => {
    const response = await fetch(...request);
    contentTypes.push(response.headers.get('content-type'));
    return response;
  };
  const client = new ApolloClient({
    cache: new InMemoryCache({ possibleTypes: { Member: ['User', 'Team'] } }),
    link: new HttpLink({ uri: gateway.url, fetch: observed }),
    incrementalHandler: handlers[handler](),
  });
  return { client, contentTypes };
}

/** What a component that watches a query is shown, one thing after the other. */
function watch(client: ApolloClient, query: string) {
  const shown: { data: unknown; isComplete: boolean; error?: string | undefined }[] = [];
  const waiting: { count: number; resolve: () => void }[] = [];
  const subscription = client
    .watchQuery({ query: gql(query), errorPolicy: 'all', returnPartialData: false })
    .subscribe(({ data, dataState, error }) => {
      if (data === undefined && !error) return;
      shown.push({ data, isComplete: dataState === 'complete', ...(error && { error: error.message }) });
      for (const { count, resolve } of waiting) if (shown.length >= count) resolve();
    });
  const reaches = (count: number): Promise<void> => {
    const { promise, resolve } = Promise.withResolvers<void>();
    if (shown.length >= count) resolve();
    waiting.push({ count, resolve });
    return promise;
  };
  return { shown, reaches, stop: () => subscription.unsubscribe() };
}

describe.each(Object.keys(handlers) as (keyof typeof handlers)[])('Apollo Client with %s', (handler) => {
  it('shows what is there before the rest has come', async () => {
    const profiles = supergraph.hold('profiles');
    const { client, contentTypes } = connect(handler);
    const watched = watch(client, '{ me { __typename id name ... @defer(label: "profile") { bio motto } } }');
    await watched.reaches(1);
    expect(watched.shown).toEqual([
      { data: { me: { __typename: 'User', id: 'u1', name: 'Ada' } }, isComplete: false },
    ]);
    await profiles.asked;
    profiles.release();
    await watched.reaches(2);
    expect(watched.shown.at(-1)).toEqual({
      data: { me: { __typename: 'User', id: 'u1', name: 'Ada', bio: 'Counts', motto: 'Onwards' } },
      isComplete: true,
    });
    expect(contentTypes).toEqual([expect.stringMatching(/^multipart\/mixed; boundary="-"; /)]);
    watched.stop();
    client.stop();
  });

  it('puts the parts of a list and the parts within them together', async () => {
    const { client } = connect(handler);
    const query = `{
      members { __typename id ... @defer { name } ... on User @defer {
        bio posts { __typename id ... @defer { title author { __typename id name } } }
      } }
    }`;
    const { data } = await client.query({ query: gql(query) });
    const whole = await gateway.query(query);
    expect(data).toEqual(whole.body.data);
    client.stop();
  });

  it('shows the error of a part beside everything else', async () => {
    supergraph.subgraph('profiles').misbehave((response) => response.writeHead(500).end());
    const { client } = connect(handler);
    const { data, error } = await client.query({
      query: gql('{ me { __typename id name ... @defer { bio } } }'),
      errorPolicy: 'all',
    });
    supergraph.subgraph('profiles').misbehave(undefined);
    expect(data).toEqual({ me: { __typename: 'User', id: 'u1', name: 'Ada', bio: null } });
    expect(error?.message).toContain('profiles');
    client.stop();
  });

  it('reads a whole answer where nothing was deferred', async () => {
    const { client, contentTypes } = connect(handler);
    const { data } = await client.query({
      query: gql('query ($later: Boolean!) { me { __typename id ... @defer(if: $later) { bio } } }'),
      variables: { later: false },
    });
    expect(data).toEqual({ me: { __typename: 'User', id: 'u1', bio: 'Counts' } });
    expect(contentTypes).toEqual(['application/graphql-response+json; charset=utf-8']);
    client.stop();
  });

  it('is told when a mutation is done, and shown the rest later', async () => {
    const { client } = connect(handler);
    const { data } = await client.mutate({
      mutation: gql(
        'mutation { rename(id: "u1", name: "Countess") { __typename id name ... @defer { bio } } }',
      ),
    });
    expect(data).toEqual({ rename: { __typename: 'User', id: 'u1', name: 'Countess', bio: 'Counts' } });
    client.stop();
  });
});

it.skipIf(!hasBrowser() && process.env['CI'] !== 'true')(
  'GraphiQL shows the parts as they come (needs /usr/bin/chromium)',
  async () => {
    const { context, stop } = await startBrowser();
    const profiles = supergraph.hold('profiles');
    try {
      const page = await context.newPage();
      await page.goto(gateway.url);
      await page.locator('.graphiql-query-editor .monaco-editor').first().click();
      await page.keyboard.press('Control+A');
      await page.keyboard.press('Delete');
      await page.keyboard.insertText('{ me { name ... @defer { bio } } }');
      await page.getByRole('button', { name: /execute query/i }).click();
      const result = page.locator('.graphiql-response');
      await result.getByText('Ada').first().waitFor();
      expect(await result.innerText()).not.toContain('Counts');
      profiles.release();
      await result.getByText('Counts').first().waitFor();
      expect(await result.innerText()).toContain('Ada');
    } finally {
      profiles.release();
      await stop();
    }
  },
);
