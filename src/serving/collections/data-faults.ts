/**
 * True for errors of PostgreSQL that come from the values themselves (classes 22 data exception, 23 integrity,
 * 54 program limit), false for all that may go away by itself.
 */
export function isDataFault(error: unknown): boolean {
  for (let inner = error, depth = 0; inner instanceof Error && depth < 5; inner = inner.cause, depth++) {
    const code = (inner as { code?: unknown }).code;
    if (typeof code === 'string' && /^(22|23|54)[0-9A-Z]{3}$/.test(code)) return true;
  }
  return false;
}
