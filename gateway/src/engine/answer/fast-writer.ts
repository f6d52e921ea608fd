import type { FieldNode } from 'graphql';

import { quote } from '../quote.ts';
import type { Introspect } from './introspection.ts';
import type { FieldShape, ObjectPlace, ObjectShape, ValueShape } from './shape.ts';

/** Writes data as JSON; `undefined` when something is not as it should be, which the careful writer can explain. */
export type FastWriter = (data: object, introspect: Introspect) => string | undefined;

/**
 * Generates a function that writes the answers of one shape: one function per object, every key a constant, every
 * property read at a place of its own. Nothing of a client reaches the code but names, as JSON strings.
 */
export function generateWriter(root: ObjectShape): FastWriter {
  const generator = new Generator();
  const entry = generator.object(root);
  if (generator.isTooLarge) return () => undefined;
  // oxlint-disable-next-line typescript/no-implied-eval -- names stand in the code as JSON strings
  const create = new Function('parts', generator.code(entry)) as (
    parts: object,
  ) => (data: object, introspect: Introspect) => string;
  const { enums, introspected, choices } = generator;
  const write = create({ quote, giveUp, hasOwn: Object.hasOwn, enums, introspected, choices });
  return (data, introspect) => {
    try {
      return write(data, introspect);
    } catch (error: unknown) {
      // A RangeError: more nesting than there is stack for.
      if (error === gaveUp || error instanceof RangeError) return undefined;
      throw error;
    }
  };
}

// An error made once: collecting a stack trace takes longer than writing most answers.
const gaveUp = new Error('The data is not as the schema promises');

const giveUp = (): never => {
  throw gaveUp;
};

const leafCode = {
  string: 'typeof v==="string"?quote(v):giveUp()',
  id: 'typeof v==="string"?quote(v):Number.isInteger(v)?\'"\'+v+\'"\':giveUp()',
  int: 'typeof v==="number"&&(v|0)===v?""+v:giveUp()',
  float: 'typeof v==="number"&&v-v===0?""+v:giveUp()',
  boolean: 'v===true?"true":v===false?"false":giveUp()',
  json: 'JSON.stringify(v)',
} as const;

// Beyond this many functions an operation is an odd one, and the careful writer visits only what it meets.
const maxFunctions = 1000;

class Generator {
  readonly enums: ReadonlyMap<unknown, string>[] = [];
  readonly introspected: (readonly FieldNode[])[] = [];
  /** Which of an abstract place's functions writes objects of a type, by its name. */
  readonly choices: ReadonlyMap<unknown, number>[] = [];
  /** Names of functions by their code, so that types with equal fields share one. */
  readonly #names = new Map<string, string>();
  readonly #objects = new Map<ObjectShape, string>();
  readonly #places = new Map<ObjectPlace, string>();

  get isTooLarge(): boolean {
    return this.#objects.size > maxFunctions;
  }

  code(entry: string): string {
    const functions = [...this.#names].map(([code, name]) => `function ${name}${code}`);
    return [
      '"use strict";const {quote,giveUp,hasOwn,enums,introspected,choices}=parts;let introspect;',
      ...functions,
      `return (data,how)=>{introspect=how;return ${entry}(data)}`,
    ].join('\n');
  }

  object(shape: ObjectShape): string {
    let name = this.#objects.get(shape);
    if (name === undefined) {
      // Before the fields are visited, to count those that are being visited.
      this.#objects.set(shape, '');
      const fields = this.isTooLarge ? [] : shape.fields.map((field, index) => this.#field(field, index));
      const text = fields.length === 0 ? '"{}"' : `${fields.join('+')}+"}"`;
      name = this.#declare(`(d){if(typeof d!=="object"||d===null||Array.isArray(d))giveUp();return ${text}}`);
      this.#objects.set(shape, name);
    }
    return name;
  }

  #field(field: FieldShape, index: number): string {
    const key = `${index === 0 ? '{' : ','}${field.keyText}`;
    if (field.kind === 'typename') return JSON.stringify(key + JSON.stringify(field.typeName));
    if (field.kind === 'refused') return 'giveUp()';
    if (field.kind === 'introspection') {
      return `${JSON.stringify(key)}+introspect(introspected[${this.introspected.push(field.nodes) - 1}])`;
    }
    return `${JSON.stringify(key)}+${this.#value(field.value)}(${readCode(field.dataKey)})`;
  }

  /** The name of a function that writes such a value. */
  #value(shape: ValueShape): string {
    const present = this.#present(shape);
    return shape.isNonNull ? present : this.#declare(`(v){return v==null?"null":${present}(v)}`);
  }

  #present(shape: ValueShape): string {
    if (shape.kind === 'object') return this.#place(shape.place);
    if (shape.kind === 'list') return this.#list(this.#value(shape.item));
    const { leaf } = shape;
    if (leaf.kind === 'enum') return this.#enum(leaf.texts);
    // JSON has a text for null, which a non-null custom scalar may not be.
    return this.#declare(`(v){return v==null?giveUp():${leafCode[leaf.kind]}}`);
  }

  #enum(texts: ReadonlyMap<unknown, string>): string {
    let index = this.enums.indexOf(texts);
    if (index === -1) index = this.enums.push(texts) - 1;
    return this.#declare(`(v){const t=enums[${index}].get(v);return t===undefined?giveUp():t}`);
  }

  #list(item: string): string {
    return this.#declare(
      `(v){if(!Array.isArray(v))giveUp();const n=v.length;if(n===0)return "[]";` +
        `let s="["+${item}(v[0]);for(let i=1;i<n;i++)s+=","+${item}(v[i]);return s+"]"}`,
    );
  }

  #place(place: ObjectPlace): string {
    let name = this.#places.get(place);
    if (name === undefined) this.#places.set(place, (name = this.#choose(place)));
    return name;
  }

  /** A choice by the name of the type, unless only one type may stand here. */
  #choose({ type, typeNames, alike, shapeOf }: ObjectPlace): string {
    const only = typeNames.length === 1 && typeNames[0] === type.name ? shapeOf(type.name) : undefined;
    if (typeof only === 'object') return this.object(only);
    const choices = new Map<unknown, number>();
    const names: string[] = [];
    // What data says that knows no more than the interface.
    for (const same of [...alike(), [undefined, null, type.name]]) {
      const shape = shapeOf(same[0]);
      if (typeof shape !== 'object') continue;
      const name = this.object(shape);
      const index = names.includes(name) ? names.indexOf(name) : names.push(name) - 1;
      for (const typeName of same) choices.set(typeName, index);
    }
    const cases = names.map((name, index) => `case ${index}:return ${name}(d);`);
    const choice = `choices[${this.choices.push(choices) - 1}].get(d.__typename)`;
    return this.#declare(
      `(d){if(typeof d!=="object"||d===null)giveUp();switch(${choice}){${cases.join('')}}giveUp()}`,
    );
  }

  #declare(code: string): string {
    let name = this.#names.get(code);
    if (name === undefined) this.#names.set(code, (name = `f${this.#names.size}`));
    return name;
  }
}

/** Reads a property of `d`, which may be named like something that every object inherits. */
function readCode(key: string): string {
  const name = JSON.stringify(key);
  return key in Object.prototype ? `(hasOwn(d,${name})?d[${name}]:undefined)` : `d[${name}]`;
}
