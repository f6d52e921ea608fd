import { inspect } from 'node:util';

// Only code of this file can ask for the text, so that whoever else asks for anything is somebody who reads.
const unreadText = Symbol('unreadText');

/**
 * Data whose JSON text is ready, as an object that is parsed only when somebody looks into it. From then on it is a
 * plain object, and what is changed in it is what the client gets.
 *
 * @example
 * const data = readyData('{"me":{"name":"Ada"}}');
 * unreadTextOf(data); // '{"me":{"name":"Ada"}}'
 * data.me.name = 'Grace';
 * unreadTextOf(data); // undefined: the text is no longer what the object says
 */
export const readyData = (text: string): Record<string, unknown> =>
  new Proxy(new Unread(text), onFirstUse) as unknown as Record<string, unknown>;

/** The text of {@link readyData} that nobody has looked into; `undefined` for anything else. */
export const unreadTextOf = (data: object | null | undefined): string | undefined =>
  data ? (Reflect.get(data, unreadText) as string | undefined) : undefined;

/** What becomes of the text: the object behind the proxy fills itself, so that all of JavaScript's rules hold for it. */
class Unread {
  #text: string | undefined;

  constructor(text: string) {
    this.#text = text;
  }

  /** Logs look at the object behind a proxy and ask nobody. */
  [inspect.custom](): unknown {
    return Object.assign({}, this);
  }

  static textOf(target: Unread): string | undefined {
    return target.#text;
  }

  static read(target: Unread): Unread {
    const text = target.#text;
    if (text === undefined) return target;
    target.#text = undefined;
    Object.setPrototypeOf(target, Object.prototype);
    // Not assigned: a client may have called a field "__proto__".
    return Object.defineProperties(
      target,
      Object.getOwnPropertyDescriptors(JSON.parse(text) as Record<string, unknown>),
    );
  }
}

const { read, textOf } = Unread;

const onFirstUse: ProxyHandler<Unread> = {
  get: (target, key, receiver) =>
    key === unreadText ? textOf(target) : (Reflect.get(read(target), key, receiver) as unknown),
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
