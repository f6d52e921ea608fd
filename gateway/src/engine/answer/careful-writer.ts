import type { GraphQLError } from 'graphql';

import {
  locate,
  NullNotAllowed,
  toPath,
  Unauthorized,
  withoutStackTrace,
  WrongType,
  WrongValue,
  type Path,
} from './answer-errors.ts';
import type { Failure, Failures } from './failures.ts';
import type { Introspect } from './introspection.ts';
import { pathBeneath } from './path-beneath.ts';
import { refuseManyParts } from './refuse-many-parts.ts';
import type { DeferredShape, FieldShape, ObjectPlace, ObjectShape, ValueShape } from './shape.ts';
import { addNested, isNested, unseenFailures } from './unseen-failures.ts';

export interface CarefulRequest {
  readonly data: object;
  readonly failures: Failures;
  readonly introspect: Introspect;
}

export interface WrittenAnswer {
  /** JSON; `null` when a null bubbled up to the root. */
  readonly data: string;
  readonly errors: readonly GraphQLError[];
}

/** An answer, or a part of one, and what is still to come of it. */
export interface AnswerPart extends WrittenAnswer {
  readonly later: readonly LaterPart[];
}

/** A deferred fragment of one object that was answered. */
export interface LaterPart {
  /** Which `@defer` it is: the label that the plan has for it. */
  readonly id: string;
  /** What the client calls it. */
  readonly label: string | undefined;
  /** Where the object stands in the whole answer. */
  readonly path: readonly (string | number)[];
  /**
   * Writes it, when what the plan has for it is in the data tree.
   *
   * @param failures of the fetches for it @default those of the whole answer
   */
  write(failures?: Failures): AnswerPart;
}

/** Writes an answer value by value as graphql-js would: slower than the generated writer, and it can say what is wrong. */
export function writeCarefully(shape: ObjectShape, request: CarefulRequest): AnswerPart {
  return new CarefulWriter(request).write(shape);
}

/** A value on its way out: where it was found, and where the client will find it. */
interface Place {
  readonly parent: object;
  readonly key: string | number;
  readonly path: Path;
  readonly field: FieldShape;
}

const unauthorized = new Unauthorized();

// Nobody reads more.
const maxErrors = 1000;

/** The errors that stand somewhere in the answer, by what they were noted in: the parts of an answer share them. */
type ToldErrors = Map<Failures, Set<GraphQLError>>;

class CarefulWriter {
  readonly #request: CarefulRequest;
  readonly #errors: GraphQLError[] = [];
  readonly #told: ToldErrors;
  // For failures of what no field shows.
  readonly #relayed: Set<GraphQLError>;
  readonly #shownAt = new Map<object, Path | undefined>();
  readonly #hidden = new Set<object>();
  readonly #later: LaterPart[] = [];

  constructor(request: CarefulRequest, told: ToldErrors = new Map()) {
    this.#request = request;
    this.#told = told;
    this.#relayed = told.get(request.failures) ?? new Set();
    told.set(request.failures, this.#relayed);
  }

  write(shape: ObjectShape): AnswerPart {
    const { data } = this.#request;
    return this.#withUnseen(this.#part(data, shape, undefined), data);
  }

  /** Failures of what it does not show are told with the first part that shows their object. */
  writeLater(object: object, shape: ObjectShape, path: Path | undefined): AnswerPart {
    return this.#withUnseen(this.#part(object, shape, path), undefined);
  }

  #withUnseen(part: AnswerPart, data: object | undefined): AnswerPart {
    const { failures } = this.#request;
    if (failures.isEmpty) return part;
    const [relayed, shownAt, hidden] = [this.#relayed, this.#shownAt, this.#hidden];
    const unseen = unseenFailures({ data, failures, relayed, shownAt, hidden });
    for (const { failures: told } of failures.places(data ? undefined : shownAt.keys())) {
      for (const { error } of told) relayed.add(error);
    }
    return { ...part, errors: [...part.errors, ...unseen] };
  }

  #part(object: object, shape: ObjectShape, path: Path | undefined): AnswerPart {
    const text = this.#object(object, shape, path);
    if (text !== undefined) return { data: text, errors: this.#errors, later: this.#later };
    this.#hide(object);
    return { data: 'null', errors: this.#errors, later: [] };
  }

  /** `undefined` when a non-null field of it has no value. */
  #object(object: object, { fields, deferred }: ObjectShape, path: Path | undefined): string | undefined {
    if (!this.#shownAt.has(object)) this.#shownAt.set(object, path);
    for (const each of deferred) this.#later.push(this.#laterPart(object, each, path));
    refuseManyParts(this.#later.length);
    let text = '{';
    for (const field of fields) {
      const { responseKey, dataKey } = field;
      const value = this.#field({
        parent: object,
        key: dataKey,
        path: { above: path, key: responseKey },
        field,
      });
      if (value === undefined) return undefined;
      text += `${text === '{' ? '' : ','}${field.keyText}${value}`;
    }
    return `${text}}`;
  }

  #field(place: Place): string | undefined {
    const { field, parent, key } = place;
    if (field.kind === 'value') return this.#value(ownValue(parent, key), field.value, place);
    if (field.kind === 'typename') return JSON.stringify(field.typeName);
    if (field.kind === 'introspection') return this.#request.introspect(field.nodes);
    this.#report(() => unauthorized, place);
    return field.isNonNull ? undefined : 'null';
  }

  /** `undefined` for a null that may not stand here. */
  #value(value: unknown, shape: ValueShape, place: Place): string | undefined {
    const failures = this.#request.failures.at(place.parent, place.key);
    for (const failure of failures) this.#relay(failure, place, shape);
    if (value == null) {
      if (shape.isNonNull && failures.length === 0) {
        this.#report(() => new NullNotAllowed(place.field.coordinate), place);
      }
      return shape.isNonNull ? undefined : 'null';
    }
    const laterCount = this.#later.length;
    const text = this.#present(value, shape, place);
    // Nothing comes later for an object that is not there.
    if (text === undefined) this.#later.length = laterCount;
    if (text !== undefined || shape.isNonNull) return text;
    this.#hide(value);
    return 'null';
  }

  /** `undefined` when the value is wrong, or holds a null where none may stand; it is reported then. */
  #present(value: unknown, shape: ValueShape, place: Place): string | undefined {
    if (shape.kind === 'list' && Array.isArray(value)) return this.#list(value, shape.item, place);
    if (shape.kind === 'object' && isObject(value)) return this.#typed(value, shape.place, place);
    const text = shape.kind === 'leaf' ? shape.leaf.write(value) : undefined;
    if (text === undefined)
      this.#report(() => new WrongValue(place.field.coordinate, shape.type, value), place);
    return text;
  }

  #typed(object: object, { type, shapeOf }: ObjectPlace, place: Place): string | undefined {
    const shape = shapeOf(ownValue(object, '__typename'));
    if (typeof shape === 'object') return this.#object(object, shape, place.path);
    this.#report(
      () => (shape === 'refused' ? unauthorized : new WrongType(place.field.coordinate, type.name)),
      place,
    );
    return undefined;
  }

  #list(values: readonly unknown[], item: ValueShape, { field, path }: Place): string | undefined {
    const texts: string[] = [];
    for (const [key, value] of values.entries()) {
      const text = this.#value(value, item, { parent: values, key, path: { above: path, key }, field });
      if (text === undefined) return undefined;
      texts.push(text);
    }
    return `[${texts.join(',')}]`;
  }

  #laterPart(object: object, { defer, shape }: DeferredShape, path: Path | undefined): LaterPart {
    return {
      id: defer.id,
      label: defer.label,
      path: toPath(path),
      write: (failures = this.#request.failures) =>
        new CarefulWriter({ ...this.#request, failures }, this.#told).writeLater(object, shape, path),
    };
  }

  #report(describe: () => GraphQLError, { path, field }: Place): void {
    if (this.#errors.length >= maxErrors) return;
    this.#errors.push(locate(withoutStackTrace(describe), toPath(path), field.nodes));
  }

  #relay({ error, rest }: Failure, { path }: Place, shape: ValueShape): void {
    this.#relayed.add(error);
    if (this.#errors.length < maxErrors)
      this.#errors.push(locate(error, [...toPath(path), ...pathBeneath(shape, rest)]));
  }

  #hide(value: unknown): void {
    if (!this.#request.failures.isEmpty) addNested(value, this.#hidden);
  }
}

const isObject = (value: unknown): value is object => isNested(value) && !Array.isArray(value);

/** A field may be named like something that every object inherits. */
const ownValue = (parent: object, key: string | number): unknown =>
  Object.hasOwn(parent, key) ? (parent as Record<string | number, unknown>)[key] : undefined;
