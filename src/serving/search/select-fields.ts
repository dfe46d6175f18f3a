import { readPath } from '../collections/payload-paths.ts';
import type { Payload } from '../collections/schema.ts';

/** The asked fields of a payload, dotted paths rebuilt as objects; all of it when none are named. */
export function selectFields(payload: Payload, names: readonly string[] | undefined): Payload {
  if (names === undefined || names.includes('*')) return payload;
  const selected: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  for (const name of names) {
    const value = readPath(payload, name);
    if (value === undefined) continue;
    if (Object.hasOwn(payload, name)) {
      selected[name] = value;
      continue;
    }
    const path = name.split('.');
    let target = selected;
    for (const step of path.slice(0, -1)) {
      target[step] ??= Object.create(null);
      target = target[step] as Record<string, unknown>;
    }
    target[path.at(-1) as string] = value;
  }
  return selected;
}
