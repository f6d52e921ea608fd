import type { Payload, PayloadError } from './read-parts.ts';

type Data = Record<string, unknown>;

/** An answer as a client has it in the end. */
export interface WholeAnswer {
  readonly data: Data | null;
  readonly errors: readonly PayloadError[];
}

/** Puts the payloads of `deferSpec=20220824` together, as a client does. */
export function putPartsTogether(payloads: readonly Payload[]): WholeAnswer {
  const [first, ...others] = payloads;
  const root = { data: first?.data ?? null };
  const errors = [...(first?.errors ?? [])];
  for (const { incremental = [] } of others) {
    for (const part of incremental) {
      errors.push(...(part.errors ?? []));
      if (part.data != null) join(at(root, ['data', ...(part.path ?? [])]), part.data as Data);
    }
  }
  return { data: root.data, errors };
}

function at(root: object, path: readonly (string | number)[]): Data {
  let value: unknown = root;
  for (const key of path) value = (value as Record<string | number, unknown> | null)?.[key];
  if (typeof value !== 'object' || value === null) {
    throw new Error(`Expected an object for the part at ${path.join('.')}, but there is ${String(value)}`);
  }
  return value as Data;
}

function join(target: Data, source: Data): void {
  for (const [key, value] of Object.entries(source)) {
    const existing = target[key];
    const areObjects = typeof existing === 'object' && existing && typeof value === 'object' && value;
    if (areObjects) join(existing as Data, value as Data);
    else target[key] = value;
  }
}
