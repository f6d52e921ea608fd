import { describe, expect, it } from 'vitest';

import { decodeText } from './decode-text.ts';

describe('decodeText', () => {
  it('passes over a byte order mark', () => {
    expect(decodeText(Buffer.from('\uFEFF{}'))).toBe('{}');
    expect(decodeText(Buffer.from('{"name":"Zoë"}'))).toBe('{"name":"Zoë"}');
  });

  it('refuses what is not UTF-8', () => {
    expect(decodeText(Buffer.from([0x22, 0xff, 0x22]))).toBeUndefined();
  });
});
