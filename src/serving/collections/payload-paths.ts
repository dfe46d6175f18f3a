/** Most levels that a payload may be nested. */
export const MAX_PAYLOAD_DEPTH = 32;

/**
 * Reads a dotted path. A list on the way is read through, so `makers.name` over `{makers: [{name: 'a'}, {name: 'b'}]}`
 * gives `['a', 'b']`. Undefined when nothing is there.
 */
export function readPath(payload: unknown, path: string): unknown {
  return readSegments(payload, path.split('.'), 0);
}

function readSegments(value: unknown, segments: readonly string[], depth: number): unknown {
  if (depth === segments.length) return value;
  if (Array.isArray(value)) {
    const found = value.flatMap((inner) => {
      const read = readSegments(inner, segments, depth);
      return read === undefined || read === null ? [] : read;
    });
    return found.length === 0 ? undefined : found;
  }
  if (value === null || typeof value !== 'object') return undefined;
  const segment = segments[depth]!;
  return Object.hasOwn(value, segment)
    ? readSegments((value as Record<string, unknown>)[segment], segments, depth + 1)
    : undefined;
}

/** A copy of the payload with the value at a path replaced, where the path exists; lists on the way are mapped through. */
export function mapPath<T>(payload: T, path: string, change: (value: unknown) => unknown): T {
  return mapSegments(payload, path.split('.'), 0, change) as T;
}

function mapSegments(
  value: unknown,
  segments: readonly string[],
  depth: number,
  change: (value: unknown) => unknown,
): unknown {
  if (depth === segments.length) return change(value);
  if (Array.isArray(value)) return value.map((inner) => mapSegments(inner, segments, depth, change));
  if (value === null || typeof value !== 'object') return value;
  const segment = segments[depth]!;
  if (!Object.hasOwn(value, segment)) return value;
  return { ...value, [segment]: mapSegments((value as Record<string, unknown>)[segment], segments, depth + 1, change) };
}

/** What makes a JSON value impossible to store in PostgreSQL, as a sentence; null when nothing does. */
export function storageFault(value: unknown, depth = 0): string | null {
  if (typeof value === 'string') return textFault(value);
  if (typeof value === 'number') return Number.isFinite(value) ? null : 'a number is too large';
  if (value === null || typeof value !== 'object') return null;
  if (depth >= MAX_PAYLOAD_DEPTH) return `the payload is nested more than ${MAX_PAYLOAD_DEPTH} levels deep`;
  if (Array.isArray(value)) {
    for (const inner of value) {
      const fault = storageFault(inner, depth + 1);
      if (fault !== null) return fault;
    }
    return null;
  }
  for (const [key, inner] of Object.entries(value)) {
    const fault = textFault(key) ?? storageFault(inner, depth + 1);
    if (fault !== null) return fault;
  }
  return null;
}

function textFault(text: string): string | null {
  if (text.includes('\u0000')) return 'a text contains the NUL character, which the database cannot store; remove it';
  if (!text.isWellFormed()) return 'a text contains half of a surrogate pair; send well-formed Unicode';
  return null;
}
