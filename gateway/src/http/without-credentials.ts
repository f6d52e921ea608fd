/** The same headers without those that say who asks. */
export const withoutCredentials = <Headers extends { authorization?: unknown; cookie?: unknown }>({
  authorization: _authorization,
  cookie: _cookie,
  ...headers
}: Headers): Omit<Headers, 'authorization' | 'cookie'> => headers;
