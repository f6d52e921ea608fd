import { generateKeyPairSync } from 'node:crypto';

import { describe, expect, it } from 'vitest';

import { describeToSubgraphs } from './caller.ts';

const { privateKey } = generateKeyPairSync('ed25519');
const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const ada = () => ({ sub: 'u1', roles: ['USER'], scopes: [] });

describe('what subgraphs are told', () => {
  it('is a signature that equal callers share', async () => {
    const describeCaller = describeToSubgraphs(pem);
    const sign = (principal = ada()) => describeCaller({ principal }).identityFor?.('users');
    const signed = await sign();
    expect(signed).toMatch(/^eyJ/);
    expect(sign()).toBe(signed);
    expect(await sign({ ...ada(), sub: 'u2' })).not.toBe(signed);
  });

  it('is nothing about the caller without a key', () => {
    const { identityFor, identityProjection } = describeToSubgraphs(undefined)({ principal: ada() });
    expect(identityFor).toBeUndefined();
    expect(identityProjection).toBe('["u1",[],["USER"]]');
  });

  it('are the headers that somebody chose, and the ids of the request', () => {
    const sent = new Map([
      ['x-request-id', 'request-42'],
      ['traceparent', '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'],
    ]);
    const context = describeToSubgraphs(undefined)(
      { headers: { Authorization: 'Bearer a' } },
      { get: (name) => sent.get(name) ?? null },
    );
    expect(context).toMatchObject({
      headers: { authorization: 'Bearer a' },
      requestId: 'request-42',
      traceparent: sent.get('traceparent'),
    });
  });

  it('may not be a header of the connection', () => {
    expect(() => describeToSubgraphs(undefined)({ headers: { 'Content-Length': '3' } })).toThrow(
      'Expected identify to give headers that may be forwarded, but got "content-length"',
    );
  });
});
