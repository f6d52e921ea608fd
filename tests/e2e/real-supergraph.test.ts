import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { startRealSupergraph, type RealSupergraph } from '../support/start-real-supergraph.ts';

let supergraph: RealSupergraph;

beforeAll(async () => {
  supergraph = await startRealSupergraph();
});
afterAll(() => supergraph?.stop());

describe('the supergraph of users, posts and comments', () => {
  it('answers one question from three services', async () => {
    const { body } = await supergraph.query(
      '{ post(id: "1") { title author { name } comments(first: 1) { edges { node { id author { username } } } } } }',
    );
    expect(body).toEqual({
      data: {
        post: {
          title: 'sunt aut facere repellat provident occaecati excepturi optio reprehenderit',
          author: { name: 'Leanne Graham' },
          comments: { edges: [{ node: { id: '1', author: { username: 'Bret' } } }] },
        },
      },
    });
  });

  it('knows who asks by the token', async () => {
    const query = '{ me { id email } user(id: "2") { email } }';
    const anonymous = await supergraph.query(query);
    expect(anonymous.body).toEqual({ data: { me: null, user: { email: null } } });
    const leanne = await supergraph.query(query, { token: await supergraph.signIn('1') });
    expect(leanne.body).toEqual({
      data: { me: { id: '1', email: 'Sincere@april.biz' }, user: { email: null } },
    });
    const admin = await supergraph.query(query, { token: await supergraph.signIn('1', ['ADMIN']) });
    expect(admin.body.data).toMatchObject({ user: { email: 'Shanna@melissa.tv' } });
  });

  it('serves everything again after a subgraph was stopped and started', async () => {
    const query = '{ post(id: "1") { title commentCount } }';
    await supergraph.comments.stop();
    const without = await supergraph.query(query);
    expect(without.body.data).toMatchObject({ post: { commentCount: null } });
    expect(without.body.errors).toMatchObject([{ path: ['post', 'commentCount'] }]);
    await supergraph.restart('comments');
    const again = await supergraph.query(query);
    expect(again.body.errors).toBeUndefined();
    expect(again.body.data).toMatchObject({ post: { commentCount: 5 } });
  });
});
