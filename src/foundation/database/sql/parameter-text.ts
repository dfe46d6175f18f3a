/**
 * A bound value as PostgreSQL reads it in text form; bytes stay bytes. Both engines send parameters this way and
 * leave their types to the statement, so a statement that runs on one runs on the other.
 *
 * Numbers, booleans and strings become text, dates ISO 8601 in UTC, arrays array literals, other objects JSON.
 * A JSON array must therefore come as JSON text: `JSON.stringify([...])`.
 */
export type ParameterText = string | Uint8Array | null;

export function toParameterText(value: unknown): ParameterText {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string') return value;
  if (typeof value === 'object') {
    if (value instanceof Date) return dateText(value);
    if (Array.isArray(value)) return arrayLiteral(value);
    if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
    return JSON.stringify(value);
  }
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') return String(value);
  throw new TypeError(`A ${typeof value} cannot be bound to a statement.`);
}

function dateText(value: Date): string {
  const year = value.getUTCFullYear();
  if (year >= 1 && year <= 9999) return value.toISOString();
  // ISO writes +012345 and -000001, PostgreSQL 12345 and "0002 BC".
  const rest = value.toISOString().replace(/^[+-]?\d+/, '');
  return year >= 1 ? `${year}${rest}` : `${String(1 - year).padStart(4, '0')}${rest} BC`;
}

function arrayLiteral(values: readonly unknown[]): string {
  return `{${values.map(elementLiteral).join(',')}}`;
}

function elementLiteral(value: unknown): string {
  if (Array.isArray(value)) return arrayLiteral(value);
  const text = toParameterText(value);
  if (text === null) return 'NULL';
  if (typeof text === 'string') return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
  return `"\\\\x${Buffer.from(text).toString('hex')}"`;
}
