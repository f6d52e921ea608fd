import { createPrivateKey, X509Certificate } from 'node:crypto';

import type { SettingsReader } from '@tributary/config';

import type { TlsOptions } from './connection-pools.ts';
import { compressions } from './response-body.ts';
import type { SubgraphClientOptions } from './subgraph-client.ts';

export type SubgraphClientSettings = Omit<
  SubgraphClientOptions,
  'onRequest' | 'onShared' | 'onRetry' | 'onBreaker'
>;

/** The settings of all that goes out to subgraphs. */
export const readClientSettings = (read: SettingsReader): SubgraphClientSettings => ({
  fetchTimeoutMs: read.integer('FETCH_TIMEOUT_MS', { default: 10_000, min: 1 }),
  maxResponseBytes: read.integer('MAX_SUBGRAPH_RESPONSE_BYTES', { default: 33_554_432, min: 1024 }),
  connections: read.integer('SUBGRAPH_CONNECTIONS', { default: 128, min: 1 }),
  keepAliveMs: read.integer('SUBGRAPH_KEEP_ALIVE_MS', { default: 4000, min: 1 }),
  compression: readCompression(read),
  sharing: read.boolean('SUBGRAPH_SHARING', { default: true }),
  retries: read.integer('SUBGRAPH_RETRIES', { default: 1, min: 0, max: 10 }),
  breaker: {
    failures: read.integer('SUBGRAPH_BREAKER_FAILURES', { default: 10, min: 0 }),
    windowMs: read.integer('SUBGRAPH_BREAKER_WINDOW_MS', { default: 60_000, min: 1 }),
    openMs: read.integer('SUBGRAPH_BREAKER_OPEN_MS', { default: 1000, min: 1 }),
  },
  tls: readTls(read),
});

function readCompression(read: SettingsReader): readonly string[] {
  const encodings = read.list('SUBGRAPH_COMPRESSION', { default: [] });
  const known: readonly string[] = compressions;
  for (const encoding of encodings.filter((each) => !known.includes(each))) {
    read.refuse(`SUBGRAPH_COMPRESSION must be a list of ${known.join(', ')}, but got "${encoding}"`);
  }
  return encodings;
}

function readTls(read: SettingsReader): TlsOptions {
  const ca = readPem(read, 'SUBGRAPH_CA');
  const cert = readPem(read, 'SUBGRAPH_TLS_CERT');
  const key = readPem(read, 'SUBGRAPH_TLS_KEY');
  if (ca !== undefined && !isCertificate(ca)) {
    read.refuse('SUBGRAPH_CA must be certificates in PEM, but got something else');
  }
  if ((cert === undefined) !== (key === undefined)) {
    read.refuse('SUBGRAPH_TLS_CERT and SUBGRAPH_TLS_KEY must be set together, but only one of them is');
  } else if (cert !== undefined && key !== undefined && !isPair(cert, key)) {
    read.refuse('SUBGRAPH_TLS_KEY must be the private key in PEM of SUBGRAPH_TLS_CERT, but it is not');
  }
  return { ca, cert, key };
}

/** Environments that cannot hold line breaks write them as `\n`. */
const readPem = (read: SettingsReader, name: string): string | undefined =>
  read.optionalString(name)?.replaceAll(String.raw`\n`, '\n');

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).subject !== undefined;
  } catch {
    return false;
  }
}

function isPair(cert: string, key: string): boolean {
  try {
    return new X509Certificate(cert).checkPrivateKey(createPrivateKey(key));
  } catch {
    return false;
  }
}
