import { expect, it } from 'vitest';

import { multipartOpening, multipartType, partText } from './multipart.ts';

it('frames parts as Apollo Server does', () => {
  expect(multipartType('deferSpec=20220824')).toBe('multipart/mixed; boundary="-"; deferSpec=20220824');
  expect(multipartOpening + partText('{"a":1}', false) + partText('{"b":2}', true)).toBe(
    '\r\n---\r\n' +
      'content-type: application/json; charset=utf-8\r\n\r\n{"a":1}\r\n---\r\n' +
      'content-type: application/json; charset=utf-8\r\n\r\n{"b":2}\r\n-----\r\n',
  );
});
