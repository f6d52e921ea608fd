import { describe, expect, it } from 'vitest';

import { explainOutput } from './embedded-postgres-error.ts';

const explain = (output: string) => {
  const { problem, message } = explainOutput(output, { folder: '/data', port: 5432 });
  return [problem, message];
};

describe('explainOutput', () => {
  it('finds a full disk', () => {
    const output =
      'LOG:  starting PostgreSQL 18.4\nFATAL:  could not write file "pg_wal/xlogtemp.7": No space left on device\n';
    expect(explain(output)).toEqual([
      'DISK_FULL',
      'The disk of /data is full: free some space, then start again',
    ]);
  });

  it('finds a port that somebody took meanwhile', () => {
    const output =
      'LOG:  could not bind IPv4 address "127.0.0.1": Address already in use\nFATAL:  could not create any TCP/IP sockets\n';
    expect(explain(output)).toEqual([
      'PORT_IN_USE',
      'Port 5432 for PostgreSQL is in use: stop what listens there or choose another port',
    ]);
  });

  it('finds a missing permission', () => {
    const output = 'initdb: error: could not create directory "/data": Permission denied\n';
    expect(explain(output)).toEqual([
      'FOLDER_NOT_WRITABLE',
      `/data cannot hold PostgreSQL's data (could not create directory "/data": Permission denied): make it writable or choose another folder`,
    ]);
  });

  it('gives the last complaint otherwise', () => {
    const output =
      'LOG:  starting\n2026-01-01 UTC [1] FATAL:  data directory has wrong ownership\nHINT:  fix it\n';
    expect(explain(output)).toEqual([
      'START_FAILED',
      'PostgreSQL did not start in /data: data directory has wrong ownership',
    ]);
  });

  it('copes with silence', () => {
    expect(explain('')).toEqual(['START_FAILED', 'PostgreSQL did not start in /data: it said nothing']);
  });
});
