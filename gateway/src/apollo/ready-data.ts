import { inspect } from 'node:util';

// Only code of this file can ask for the bytes, so that whoever else asks for anything is somebody who reads.
const unreadBody = Symbol('unreadBody');

const head = '{"data":';
const tail = '}\n';

/**
 * Data whose JSON text is ready, as an object that is parsed only when somebody looks into it. From then on it is a
 * plain object, and what is changed in it is what the client gets.
 *
 * It holds bytes and not the text, which is a rope of many small strings: whatever keeps the object for a while (V8
 * moves what Apollo Server makes for a request out of the young generation) would keep all of those.
 *
 * @example
 * const data = readyData('{"me":{"name":"Ada"}}');
 * unreadBodyOf(data)?.toString(); // '{"data":{"me":{"name":"Ada"}}}\n'
 * data.me.name = 'Grace';
 * unreadBodyOf(data); // undefined: the bytes are no longer what the object says
 */
export const readyData = (text: string): Record<string, unknown> =>
  new Proxy(new Unread(Buffer.from(head + text + tail)), onFirstUse) as unknown as Record<string, unknown>;

/** A whole answer with nothing but {@link readyData} that nobody has looked into; `undefined` for anything else. */
export const unreadBodyOf = (data: object | null | undefined): Buffer | undefined =>
  data ? (Reflect.get(data, unreadBody) as Buffer | undefined) : undefined;

/** The data of such an answer. */
export const dataTextOf = (body: Buffer): string =>
  body.toString('utf8', head.length, body.length - tail.length);

/** What becomes of the bytes: the object behind the proxy fills itself, so that all of JavaScript's rules hold for it. */
class Unread {
  #body: Buffer | undefined;

  constructor(body: Buffer) {
    this.#body = body;
  }

  /** Logs look at the object behind a proxy and ask nobody. */
  [inspect.custom](): unknown {
    return Object.assign({}, this);
  }

  static bodyOf(target: Unread): Buffer | undefined {
    return target.#body;
  }

  static read(target: Unread): Unread {
    const body = target.#body;
    if (body === undefined) return target;
    target.#body = undefined;
    Object.setPrototypeOf(target, Object.prototype);
    // Not assigned: a client may have called a field "__proto__".
    return Object.defineProperties(
      target,
      Object.getOwnPropertyDescriptors(JSON.parse(dataTextOf(body)) as Record<string, unknown>),
    );
  }
}

const { read, bodyOf } = Unread;

const onFirstUse: ProxyHandler<Unread> = {
  get: (target, key, receiver) =>
    key === unreadBody ? bodyOf(target) : (Reflect.get(read(target), key, receiver) as unknown),
  set: (target, key, value, receiver) => Reflect.set(read(target), key, value, receiver),
  has: (target, key) => Reflect.has(read(target), key),
  deleteProperty: (target, key) => Reflect.deleteProperty(read(target), key),
  ownKeys: (target) => Reflect.ownKeys(read(target)),
  getOwnPropertyDescriptor: (target, key) => Reflect.getOwnPropertyDescriptor(read(target), key),
  defineProperty: (target, key, descriptor) => Reflect.defineProperty(read(target), key, descriptor),
  getPrototypeOf: (target) => Reflect.getPrototypeOf(read(target)),
  setPrototypeOf: (target, prototype) => Reflect.setPrototypeOf(read(target), prototype),
  isExtensible: (target) => Reflect.isExtensible(target),
  preventExtensions: (target) => Reflect.preventExtensions(read(target)),
};
