/** Stands in logs for a value that must not be there. */
export const redacted = '[redacted]';

// Compared without case, "-" and "_", so that setCookie, set-cookie and SET_COOKIE are one name.
const secretNames: ReadonlySet<string> = new Set([
  'authorization',
  'proxyauthorization',
  'cookie',
  'setcookie',
  'password',
  'currentpassword',
  'newpassword',
  'passwordhash',
  'token',
  'accesstoken',
  'refreshtoken',
  'idtoken',
  'jwt',
  'tributaryidentity',
  'secret',
  'clientsecret',
  'privatekey',
  'jwtprivatekey',
  'identityprivatekey',
  'apikey',
  'xapikey',
]);

// Deeper than any header, variable or error that we log; beneath it a cycle may hide, and nobody reads it.
const maxDepth = 8;

/** What was found out about names: programs log the same few again and again. */
const knownNames = new Map<string, boolean>();
const maxKnownNames = 1000;

/** True for a name whose value is a secret, in whatever way it is written. */
export function isSecretName(name: string): boolean {
  const known = knownNames.get(name);
  if (known !== undefined) return known;
  const isSecret = secretNames.has(name.toLowerCase().replaceAll(/[-_]/g, ''));
  if (knownNames.size < maxKnownNames) knownNames.set(name, isSecret);
  return isSecret;
}

/**
 * Copies a value with every secret in it replaced. Plain objects and arrays are walked; anything else (an Error, a
 * Date) is given back as it is, for its own serializer.
 *
 * @example redact({ headers: { cookie: 'a=b', accept: '*' } }) // { headers: { cookie: '[redacted]', accept: '*' } }
 */
export function redact<T>(value: T): T {
  return hasSecret(value, 0) ? (redactValue(value, 0) as T) : value;
}

/**
 * Variables of an operation as a log may have them.
 *
 * @example redactVariables({ input: { username: 'ada', password: 'x' } })
 * // { input: { username: 'ada', password: '[redacted]' } }
 */
export const redactVariables = (
  variables: Readonly<Record<string, unknown>> | null | undefined,
): Record<string, unknown> => redact({ ...variables });

const stringLiteral = /"""(?:\\"""|[^"]|"(?!""))*"""|"(?:\\.|[^"\\\n])*"/g;

/**
 * The text of a document as a log may have it: nobody can know which literal is a password, so none stays.
 *
 * @example redactQuery('{ signIn(password: "hunter2") { token } }') // '{ signIn(password: "…") { token } }'
 */
export const redactQuery = (query: string): string => query.replaceAll(stringLiteral, '"…"');

/** Most lines have none, and looking costs less than copying. */
function hasSecret(value: unknown, depth: number): boolean {
  if (value === null || typeof value !== 'object') return false;
  if (depth > maxDepth) return true;
  if (Array.isArray(value)) return value.some((item) => hasSecret(item, depth + 1));
  if (!isPlainObject(value)) return false;
  for (const name of Object.keys(value)) {
    if (isSecretName(name) || hasSecret((value as Record<string, unknown>)[name], depth + 1)) return true;
  }
  return false;
}

function redactValue(value: unknown, depth: number): unknown {
  if (value === null || typeof value !== 'object') return value;
  if (depth > maxDepth) return '[too deep]';
  if (Array.isArray(value)) return value.map((item) => redactValue(item, depth + 1));
  if (!isPlainObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, part]) => [
      name,
      isSecretName(name) && part != null ? redacted : redactValue(part, depth + 1),
    ]),
  );
}

const isPlainObject = (value: object): boolean => {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
};
