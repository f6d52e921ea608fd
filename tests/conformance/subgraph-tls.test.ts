import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PeerCertificate, TLSSocket } from 'node:tls';

import { readConfig } from '@tributary/gateway';
import type { MemorySupergraph } from '@tributary/testkit';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import { createAuthority, type Authority, type Certificate } from '../support/make-certificates.ts';
import { startSmallSupergraph } from '../support/small-supergraph.ts';
import { startTestGateway } from '../support/start-test-gateway.ts';

let supergraph: MemorySupergraph;
let authority: Authority;
let server: Certificate;
let client: Certificate;

beforeAll(async () => {
  supergraph = await startSmallSupergraph();
  authority = await createAuthority();
  server = await authority.sign('users');
  client = await authority.sign('the gateway');
});
afterAll(() => supergraph?.stop());

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

/** A subgraph behind TLS; it remembers who came. */
async function startTlsSubgraph(certificate: Certificate, { asksForOne = false } = {}) {
  const callers: (string | undefined)[] = [];
  const https = createServer(
    { ...certificate, ca: authority.cert, requestCert: asksForOne, rejectUnauthorized: asksForOne },
    (request, response) => {
      const peer: Partial<PeerCertificate> = (request.socket as TLSSocket).getPeerCertificate();
      if (request.method === 'POST') callers.push(peer.subject?.CN);
      request.resume();
      response.setHeader('content-type', 'application/json').end('{"data":{"me":{"name":"Ada"}}}');
    },
  );
  const { promise, resolve } = Promise.withResolvers<void>();
  https.listen(0, '127.0.0.1', resolve);
  await promise;
  closers.push(() => {
    https.closeAllConnections();
    return new Promise((closed) => https.close(closed));
  });
  return { port: (https.address() as AddressInfo).port, callers };
}

async function ask(port: number, settings: Readonly<Record<string, string>>, host = '127.0.0.1') {
  const gateway = await startTestGateway(supergraph, {
    SUBGRAPH_URLS: `users=https://${host}:${port}/graphql`,
    ...settings,
  });
  closers.push(() => gateway.stop());
  const { body } = await gateway.query('{ me { name } }');
  return body.errors?.map(({ extensions }) => extensions['code']) ?? body.data;
}

describe('a subgraph behind TLS', () => {
  it.each(['127.0.0.1', 'localhost'])('is trusted at %s when SUBGRAPH_CA vouches for it', async (host) => {
    const { port, callers } = await startTlsSubgraph(server);
    expect(await ask(port, { SUBGRAPH_CA: authority.cert }, host)).toEqual({ me: { name: 'Ada' } });
    expect(callers).toEqual([undefined]);
  });

  it('is not trusted when nobody vouches for it, or somebody else does', async () => {
    const { port, callers } = await startTlsSubgraph(server);
    expect(await ask(port, {})).toEqual(['SUBGRAPH_UNAVAILABLE']);
    const stranger = await createAuthority();
    expect(await ask(port, { SUBGRAPH_CA: stranger.cert })).toEqual(['SUBGRAPH_UNAVAILABLE']);
    expect(callers).toEqual([]);
  });

  it('is not trusted with a certificate for another host, or one that has ended', async () => {
    const yesterday = new Date(Date.now() - 86_400_000);
    for (const options of [{ host: 'posts.example' }, { notAfterDate: yesterday }]) {
      const { port, callers } = await startTlsSubgraph(await authority.sign('users', options));
      expect(await ask(port, { SUBGRAPH_CA: authority.cert })).toEqual(['SUBGRAPH_UNAVAILABLE']);
      expect(callers).toEqual([]);
    }
  });
});

describe('a subgraph that wants to know the gateway', () => {
  it('is shown the certificate of the gateway, and answers nobody without one', async () => {
    const { port, callers } = await startTlsSubgraph(server, { asksForOne: true });
    const trusting = { SUBGRAPH_CA: authority.cert };
    expect(await ask(port, trusting)).toEqual(['SUBGRAPH_UNAVAILABLE']);
    const known = { ...trusting, SUBGRAPH_TLS_CERT: client.cert, SUBGRAPH_TLS_KEY: client.key };
    expect(await ask(port, known)).toEqual({ me: { name: 'Ada' } });
    expect(callers).toEqual(['the gateway']);
  });

  it('is shown it from files, as orchestrators hand over secrets', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tributary-tls-'));
    closers.push(() => rm(folder, { recursive: true }));
    const files = { ca: authority.cert, ...client };
    for (const [name, pem] of Object.entries(files)) await writeFile(join(folder, name), pem);
    const { port, callers } = await startTlsSubgraph(server, { asksForOne: true });
    const answer = await ask(port, {
      SUBGRAPH_CA_FILE: join(folder, 'ca'),
      SUBGRAPH_TLS_CERT_FILE: join(folder, 'cert'),
      SUBGRAPH_TLS_KEY_FILE: join(folder, 'key'),
    });
    expect(answer).toEqual({ me: { name: 'Ada' } });
    expect(callers).toEqual(['the gateway']);
  });
});

describe('settings that could never work stop the start:', () => {
  const read = (settings: Readonly<Record<string, string>>) => () => readConfig(settings);

  it('a certificate without its key, or with the key of another one', () => {
    expect(read({ SUBGRAPH_TLS_CERT: client.cert })).toThrow(
      'SUBGRAPH_TLS_CERT and SUBGRAPH_TLS_KEY must be set together, but only one of them is',
    );
    expect(read({ SUBGRAPH_TLS_CERT: client.cert, SUBGRAPH_TLS_KEY: server.key })).toThrow(
      'SUBGRAPH_TLS_KEY must be the private key in PEM of SUBGRAPH_TLS_CERT, but it is not',
    );
  });

  it('authorities that are none, whose text is not repeated', () => {
    expect(read({ SUBGRAPH_CA: client.key })).toThrow(
      'SUBGRAPH_CA must be certificates in PEM, but got something else',
    );
  });

  it('a compression that nobody has', () => {
    expect(read({ SUBGRAPH_COMPRESSION: 'br,rar' })).toThrow(
      'SUBGRAPH_COMPRESSION must be a list of zstd, br, gzip, but got "rar"',
    );
  });
});
