import type { MemorySupergraph } from '@tributary/testkit';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { startSmallSupergraph } from '../support/small-supergraph.ts';
import { startTestGateway, startTokenIssuer, type TestGateway } from '../support/start-test-gateway.ts';

const query = '{ me { name } }';

let supergraph: MemorySupergraph;
let issuer: Awaited<ReturnType<typeof startTokenIssuer>>;
let gateway: TestGateway;

beforeAll(async () => {
  supergraph = await startSmallSupergraph();
  issuer = await startTokenIssuer();
  gateway = await startTestGateway(supergraph, { JWT_JWKS_URL: issuer.jwksUrl });
});
afterAll(async () => {
  await gateway?.stop();
  await issuer?.stop();
  await supergraph?.stop();
});

const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });
const lastIdentity = () =>
  String(supergraph.subgraph('users').requests.at(-1)?.headers['tributary-identity']);

describe('a client with a token', () => {
  it('is named to the subgraphs, signed by the gateway', async () => {
    const { status } = await gateway.query(query, bearer(await issuer.sign({ roles: ['ADMIN'] })));
    expect(status).toBe(200);
    expect(decodeProtectedHeader(lastIdentity())).toEqual({ alg: 'EdDSA', typ: 'tributary-identity+jwt' });
    expect(decodeJwt(lastIdentity())).toEqual({
      iss: 'tributary-gateway',
      aud: 'users',
      sub: 'u1',
      roles: ['ADMIN'],
      scopes: ['read:posts', 'write:posts'],
      iat: expect.any(Number),
      exp: expect.any(Number),
    });
    expect(gateway.log).toContainEqual(expect.objectContaining({ user: { id: 'u1', roles: ['ADMIN'] } }));
  });

  it('never has a scope that is the gateway’s own, whoever signed its token', async () => {
    const scopes = ['internal:presence', 'read:posts', 'INTERNAL:x', 'not:internal:x'];
    await gateway.query(query, bearer(await issuer.sign({ scope: scopes.join(' ') })));
    expect(decodeJwt(lastIdentity())['scopes']).toEqual(['read:posts', 'not:internal:x']);
  });

  it('has the same signature on every fetch for as long as it holds', async () => {
    const token = await issuer.sign();
    await gateway.query(query, bearer(token));
    const first = lastIdentity();
    await gateway.query(query, bearer(token));
    expect(lastIdentity()).toBe(first);
  });

  it('is anonymous to the subgraphs without one', async () => {
    await gateway.query(query);
    expect(decodeJwt(lastIdentity())).toMatchObject({ roles: [], scopes: [] });
    expect(decodeJwt(lastIdentity()).sub).toBeUndefined();
  });
});

describe('a wrong token', () => {
  const refusal = async (authorization: string) => {
    const { status, headers, body } = await gateway.query(query, { headers: { authorization } });
    expect(headers.get('www-authenticate')).toBe('Bearer error="invalid_token"');
    expect(body.data).toBeUndefined();
    return `${status} ${String(body.errors?.[0]?.extensions['code'])}: ${body.errors?.[0]?.message}`;
  };

  it.each([
    ['Basic YWRhOng=', 'Expected the Authorization header to be "Bearer <token>", but got Basic'],
    ['Bearer', 'Expected the Authorization header to be "Bearer <token>", but got something else'],
    ['Bearer x', 'The token is not one of this endpoint: sign in again'],
    ['Bearer a.b.c', 'The token is not one of this endpoint: sign in again'],
  ])('is refused: %s', async (authorization, message) => {
    expect(await refusal(authorization)).toBe(`401 UNAUTHENTICATED: ${message}`);
  });

  it('is refused when it has expired', async () => {
    const token = await issuer.sign({}, { expiresIn: '-1m' });
    expect(await refusal(`Bearer ${token}`)).toBe(
      '401 UNAUTHENTICATED: The token has expired: sign in again',
    );
  });

  it('is refused when it is for somebody else', async () => {
    const token = await issuer.sign();
    const strict = await startTestGateway(supergraph, { JWT_JWKS_URL: issuer.jwksUrl, JWT_AUDIENCE: 'bank' });
    const { status, body } = await strict.query(query, bearer(token));
    expect(status).toBe(401);
    expect(body.errors?.[0]?.message).toBe('The token does not fit this endpoint: its claim "aud" is wrong');
    await strict.stop();
  });

  it('is refused when its signature or its key is not one of ours', async () => {
    const [header, payload, signature = ''] = (await issuer.sign()).split('.');
    const forged = [header, payload, signature.replace(/^./, (first) => (first === 'A' ? 'B' : 'A'))].join(
      '.',
    );
    const message = '401 UNAUTHENTICATED: The token is not one of this endpoint: sign in again';
    expect(await refusal(`Bearer ${forged}`)).toBe(message);
    expect(await refusal(`Bearer ${await issuer.sign({}, { kid: 'unknown' })}`)).toBe(message);
  });

  it('is refused when it is signed with a public key as a secret, or not at all', async () => {
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const claims = part({ iss: 'http://127.0.0.1:4001', aud: 'tributary', sub: 'u1', exp: 9e9 });
    for (const alg of ['none', 'HS256']) {
      expect(await refusal(`Bearer ${part({ alg, kid: 'test' })}.${claims}.c2ln`)).toContain('401');
    }
  });
});

it('does not call a token wrong when the keys cannot be read', async () => {
  const blind = await startTestGateway(supergraph);
  const { status, body } = await blind.query(query, bearer(await issuer.sign()));
  expect(status).toBe(503);
  expect(body.errors?.[0]).toMatchObject({
    message: 'Tokens cannot be verified at the moment: try again',
    extensions: { code: 'SERVICE_UNAVAILABLE', retryable: true },
  });
  expect((await blind.query(query)).status).toBe(200);
  await blind.stop();
});

it('asks for the keys once, not for every token', async () => {
  const before = issuer.requestCount();
  const fresh = await startTestGateway(supergraph, { JWT_JWKS_URL: issuer.jwksUrl });
  const tokens = await Promise.all(
    Array.from({ length: 20 }, (_, index) => issuer.sign({ jti: String(index) })),
  );
  const answers = await Promise.all(tokens.map((token) => fresh.query(query, bearer(token))));
  expect(answers.map(({ status }) => status)).toEqual(tokens.map(() => 200));
  expect(issuer.requestCount() - before).toBe(1);
  await fresh.stop();
});
