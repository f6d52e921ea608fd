import { SettingsReader } from '@tributary/config';
import { describe, expect, it } from 'vitest';

import { pickForwarded, readForwardedHeaders } from './forwarded-headers.ts';

describe('forwarded headers', () => {
  const read = (FORWARDED_HEADERS: string) => {
    const reader = new SettingsReader({ FORWARDED_HEADERS });
    return { names: readForwardedHeaders(reader), problems: reader.problems };
  };

  it('are those that the setting lists, in lower case, and no others', () => {
    const { names, problems } = read('Accept-Language, authorization, x-tenant');
    expect(problems).toEqual([]);
    const headers = { 'accept-language': 'de', cookie: 'a=1', authorization: 'Bearer x', 'x-other': '1' };
    expect(pickForwarded(headers, names)).toEqual({ 'accept-language': 'de', authorization: 'Bearer x' });
  });

  it('are none by default, and where the client sends none', () => {
    expect(pickForwarded({ cookie: 'a=1' }, read('').names)).toBeUndefined();
    expect(pickForwarded({ cookie: 'a=1' }, ['x-tenant'])).toBeUndefined();
  });

  it.each([
    'connection',
    'transfer-encoding',
    'proxy-authorization',
    'host',
    'content-length',
    'Content-Encoding',
    'accept-encoding',
    'tributary-identity',
    'tributary-debug',
    'x-request-id',
    'no header',
  ])('cannot be %s', (name) => {
    expect(read(`x-tenant,${name}`).problems).toEqual([
      `FORWARDED_HEADERS must be a list of headers that may be forwarded, but got "${name.toLowerCase()}"`,
    ]);
  });
});
