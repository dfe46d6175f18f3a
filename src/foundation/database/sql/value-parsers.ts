import pg from 'pg';

type ValueParser = (text: string) => unknown;

const INT8 = 20;
const NUMERIC = 1700;
const INT8_ARRAY = 1016;
const BYTEA = 17;
const DATE = 1082;
const TIMESTAMP = 1114;
const INTERVAL = 1186;

const asText: ValueParser = (text) => text;

/** pg's declarations list the ids that they know; it takes any. */
const standard = pg.types.getTypeParser as (typeId: number, format: 'text') => ValueParser;
const int8Array = standard(INT8_ARRAY, 'text') as (text: string) => (string | null)[];

/** pg's own parsers, besides these. Not set globally: the process may use pg for something else. */
const own = new Map<number, ValueParser>([
  // Sequences and counts stay far below 2^53.
  [INT8, Number],
  [NUMERIC, Number],
  [INT8_ARRAY, (text) => int8Array(text).map((element) => (element === null ? null : Number(element)))],
  [BYTEA, (text) => new Uint8Array(Buffer.from(text.slice(2), 'hex'))],
  // Without a time zone these would be read in the zone of the machine.
  [DATE, asText],
  [TIMESTAMP, asText],
  [INTERVAL, asText],
]);

/** How a column's text becomes a value, by the type's object id. Unknown types (vector) stay text. */
export function valueParser(typeId: number): ValueParser {
  return own.get(typeId) ?? standard(typeId, 'text');
}
