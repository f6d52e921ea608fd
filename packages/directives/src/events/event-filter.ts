import { principalFields, valueAt, type EventPath, type EventScope } from './event-path.ts';
import { GrammarError } from './grammar-error.ts';

/** The `filter` of an `@event`: which events of a channel a subscriber gets. */
export interface EventFilter {
  readonly text: string;
  /** What is compared, for whoever knows the arguments' types. */
  readonly paths: readonly EventPath[];
  /**
   * True for an event that the subscriber gets. A condition on an argument that was left out, or is null, holds: an
   * optional argument narrows, and narrows nothing when it is missing.
   */
  matches(data: Readonly<Record<string, unknown>> | undefined, scope: EventScope): boolean;
}

type Literal = string | number | boolean | null | readonly (string | number | boolean | null)[];
type Operand = { readonly path: EventPath } | { readonly literal: Literal };
type Operator = '==' | '!=' | 'in';

interface Condition {
  readonly left: Operand;
  readonly operator: Operator;
  readonly right: Operand;
}

/**
 * Reads conditions joined by `&&`, each of two operands and `==`, `!=` or `in`. Operands are paths (`event.data.x`,
 * `args.x`, `principal.sub`, `principal.roles`, `principal.scopes`), texts in double quotes, numbers, `true`, `false`,
 * `null`, and lists of these in brackets. Nothing is converted: `"1"` is not `1`.
 *
 * @example parseEventFilter('event.data.authorId == args.authorId && "ADMIN" in principal.roles')
 * @throws {GrammarError} that says what was expected where
 */
export function parseEventFilter(text: string): EventFilter {
  const conditions = new FilterReader(text).read();
  const paths = conditions.flatMap(({ left, right }) =>
    [left, right].flatMap((operand) => ('path' in operand ? [operand.path] : [])),
  );
  return {
    text,
    paths,
    matches: (data, scope) => conditions.every((condition) => holds(condition, { ...scope, data })),
  };
}

interface FilterScope extends EventScope {
  readonly data: Readonly<Record<string, unknown>> | undefined;
}

function holds({ left, operator, right }: Condition, scope: FilterScope): boolean {
  const [one, other] = [valueOf(left, scope), valueOf(right, scope)];
  if (isLeftOut(left, one) || isLeftOut(right, other)) return true;
  if (operator === 'in') return Array.isArray(other) && other.includes(one);
  return (operator === '==') === (one === other);
}

/** What is not there is null, as in GraphQL. */
function valueOf(operand: Operand, { args, principal, data }: FilterScope): unknown {
  if ('literal' in operand) return operand.literal;
  const { root, names } = operand.path;
  const from = { args, principal, 'event.data': data }[root];
  return valueAt(from, names) ?? null;
}

const isLeftOut = (operand: Operand, value: unknown): boolean =>
  'path' in operand && operand.path.root === 'args' && value === null;

const tokens =
  /\s*(?:(?<string>"(?:[^"\\\n]|\\["\\/bfnrt]|\\u[0-9A-Fa-f]{4})*")|(?<number>-?\d+(?:\.\d+)?)|(?<path>[_A-Za-z][_0-9A-Za-z]*(?:\.[_A-Za-z][_0-9A-Za-z]*)*)|(?<sign>==|!=|&&|[[\],]))/y;

interface Token {
  readonly kind: 'string' | 'number' | 'path' | 'sign' | 'end';
  readonly text: string;
  /** Where it begins, from 1. */
  readonly at: number;
}

const words: ReadonlyMap<string, boolean | null> = new Map([
  ['true', true],
  ['false', false],
  ['null', null],
]);

class FilterReader {
  readonly #text: string;
  readonly #tokens: readonly Token[];
  #next = 0;

  constructor(text: string) {
    this.#text = text;
    this.#tokens = readTokens(text);
  }

  read(): readonly Condition[] {
    const conditions = [this.#condition()];
    while (this.#peek().text === '&&') {
      this.#take();
      conditions.push(this.#condition());
    }
    if (this.#peek().kind !== 'end') throw this.#expected('"&&" or the end');
    return conditions;
  }

  #condition(): Condition {
    const left = this.#operand();
    const { text } = this.#peek();
    if (text !== '==' && text !== '!=' && text !== 'in') throw this.#expected('"==", "!=" or "in"');
    this.#take();
    const right = this.#operand();
    if (text === 'in' && 'literal' in right && !Array.isArray(right.literal)) {
      throw new GrammarError(`Expected a list or a path after "in" in filter "${this.#text}"`);
    }
    return { left, operator: text, right };
  }

  #operand(): Operand {
    const { kind, text } = this.#peek();
    if (text === '[') return { literal: this.#list() };
    if (kind === 'path' && !words.has(text)) return { path: this.#path() };
    return { literal: this.#literal() };
  }

  #list(): Literal {
    this.#take();
    const items: (string | number | boolean | null)[] = [];
    while (this.#peek().text !== ']') {
      if (items.length > 0) {
        if (this.#peek().text !== ',') throw this.#expected('"," or "]"');
        this.#take();
      }
      items.push(this.#literal());
    }
    this.#take();
    return items;
  }

  #literal(): string | number | boolean | null {
    const { kind, text } = this.#peek();
    const word = kind === 'path' ? words.get(text) : undefined;
    if (kind !== 'string' && kind !== 'number' && word === undefined) throw this.#expected('a value');
    this.#take();
    return word === undefined ? (JSON.parse(text) as string | number) : word;
  }

  #path(): EventPath {
    const [first = '', ...rest] = this.#peek().text.split('.');
    const isData = first === 'event' && rest[0] === 'data';
    const root = isData ? 'event.data' : first;
    const names = isData ? rest.slice(1) : rest;
    const isPrincipals = names.length === 1 && principalFields.some((field) => field === names[0]);
    const isKnown = root === 'args' || root === 'event.data' || (root === 'principal' && isPrincipals);
    if (!isKnown || names.length === 0) {
      throw this.#expected('event.data.…, args.…, principal.sub, principal.roles or principal.scopes');
    }
    this.#take();
    return { root, names };
  }

  #peek(): Token {
    return this.#tokens[this.#next] ?? { kind: 'end', text: '', at: this.#text.length + 1 };
  }

  #take(): void {
    this.#next += 1;
  }

  #expected(what: string): GrammarError {
    const { kind, text, at } = this.#peek();
    const got = kind === 'end' ? 'the end' : `"${text}" at ${at}`;
    return new GrammarError(`Expected ${what} in filter "${this.#text}", but got ${got}`);
  }
}

function readTokens(text: string): readonly Token[] {
  const found: Token[] = [];
  const end = text.trimEnd().length;
  tokens.lastIndex = 0;
  while (tokens.lastIndex < end) {
    const from = tokens.lastIndex;
    const match = tokens.exec(text);
    if (!match) {
      const rest = text.slice(from).trimStart();
      throw new GrammarError(
        `Expected conditions joined by "&&" in filter "${text}", but got "${rest.slice(0, 20)}"`,
      );
    }
    const [[kind, value] = []] = Object.entries(match.groups ?? {}).filter(
      ([, group]) => group !== undefined,
    );
    found.push({
      kind: kind as Token['kind'],
      text: value ?? '',
      at: tokens.lastIndex - (value ?? '').length + 1,
    });
  }
  return found;
}
