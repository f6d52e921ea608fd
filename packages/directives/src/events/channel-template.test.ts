import { describe, expect, it } from 'vitest';

import { channelOf, encodeChannelName, parseChannelTemplate } from './channel-template.ts';

const names = (count: number) => Array.from({ length: count }, (_name, index) => String(index));
const anonymous = { roles: [], scopes: [] };
const fill = (template: string, args: Readonly<Record<string, unknown>>, sub?: string) =>
  parseChannelTemplate(template).channelsFor({ args, principal: { ...anonymous, sub } });

describe('a channel is filled in', () => {
  it.each<[string, string, Record<string, unknown>, readonly string[]]>([
    ['with nothing', 'system.maintenance', {}, ['system.maintenance']],
    ['with an argument', 'post.{args.postId}.comment-added', { postId: '42' }, ['post.42.comment-added']],
    ['with a number', 'page.{args.n}', { n: 7 }, ['page.7']],
    ['with a field of an input', 'post.{args.input.postId}', { input: { postId: 'a' } }, ['post.a']],
    [
      'with each item of a list',
      'user.{args.ids}.presence',
      { ids: ['1', '2', '1'] },
      ['user.1.presence', 'user.2.presence'],
    ],
    [
      'with each pair of two lists',
      '{args.a}.{args.b}',
      { a: ['1', '2'], b: ['x', 'y'] },
      ['1.x', '1.y', '2.x', '2.y'],
    ],
    [
      'with a wildcard for an argument that is missing',
      'user.{args.authorId}.post-created',
      {},
      ['user.*.post-created'],
    ],
    [
      'with a wildcard for null',
      'user.{args.authorId}.post-created',
      { authorId: null },
      ['user.*.post-created'],
    ],
    ['with wildcards of its own', 'post.*.created.**', {}, ['post.*.created.**']],
  ])('%s', (_title, template, args, channels) => {
    expect(fill(template, args)).toEqual(channels);
  });

  it('with the caller', () => {
    expect(fill('notification.{principal.sub}.created', {}, 'u1')).toEqual(['notification.u1.created']);
  });

  it('so that no value can be a dot, a wildcard or a placeholder', () => {
    expect(fill('post.{args.id}.x', { id: '*.{args.id}.**' })).toEqual([
      'post.%2A%2E%7Bargs%2Eid%7D%2E%2A%2A.x',
    ]);
    expect(encodeChannelName("a!'()~b é \ud800")).toBe('a%21%27%28%29%7Eb%20%C3%A9%20%EF%BF%BD');
  });
});

it('names the channel of an event as a template does, and none with an empty part', () => {
  expect([channelOf('post', 'a.*', 'gone')]).toEqual(fill('post.{args.id}.gone', { id: 'a.*' }));
  expect(() => channelOf('post', '')).toThrow(TypeError);
});

describe('what cannot be filled in is the client’s mistake:', () => {
  it.each<[string, string, Record<string, unknown>, string]>([
    [
      'an empty list',
      'user.{args.ids}',
      { ids: [] },
      'Argument "ids" must name at least one, but it is empty',
    ],
    [
      'a long list',
      'user.{args.ids}',
      { ids: names(101) },
      'Argument "ids" must have at most 100 items, but has 101',
    ],
    [
      'many combinations',
      '{args.a}.{args.b}',
      { a: names(11), b: names(11) },
      'Expected at most 100 channels, but the arguments name more',
    ],
    ['an empty name', 'user.{args.id}', { id: '' }, 'Expected a value for args.id, but it is empty'],
  ])('%s', (_title, template, args, message) => {
    expect(() => fill(template, args)).toThrow(expect.objectContaining({ message, code: 'BAD_USER_INPUT' }));
  });

  it('a caller who did not sign in', () => {
    expect(() => fill('notification.{principal.sub}', {})).toThrow(
      expect.objectContaining({ code: 'UNAUTHENTICATED' }),
    );
  });
});

it.each([
  ['', '""'],
  ['post..created', '""'],
  ['post.{args.id', '"{args'],
  ['post.x{args.id}', '"x{args.id}"'],
  ['post.{event.data.id}', '"{event.data.id}"'],
  ['post.***', '"***"'],
  ['post.é', '"é"'],
])('refuses the channel "%s"', (template, named) => {
  expect(() => parseChannelTemplate(template)).toThrow(named);
});

it('refuses what not everybody has in the principal', () => {
  expect(() => parseChannelTemplate('role.{principal.roles}')).toThrow(
    'Expected {principal.sub} in channel "role.{principal.roles}", but got {principal.roles}',
  );
});
