import { protocol } from '@electric-sql/pglite';
import { affectedRows } from '../sql/affected-rows.ts';
import { type SqlErrorFields, sqlErrorFields } from '../sql/sql-error.ts';
import { valueParser } from '../sql/value-parsers.ts';

export interface Answer {
  readonly rows: Record<string, unknown>[];
  readonly affectedRows: number;
  readonly error: SqlErrorFields | null;
  /** A transaction is open (or failed and waits for its rollback) after the statement. */
  readonly inTransaction: boolean;
}

/** Message types of the PostgreSQL protocol that matter here (chapter "Message Formats" of its manual). */
const ROW_DESCRIPTION = 0x54;
const DATA_ROW = 0x44;
const COMMAND_COMPLETE = 0x43;
const ERROR = 0x45;
const READY_FOR_QUERY = 0x5a;
const IDLE = 0x49;

interface Column {
  readonly name: string;
  readonly parse: (text: string) => unknown;
}

/**
 * What the server answered to one statement. Written out because rows are many: PGlite's own reader takes three times
 * as long for them, and would make an object of each message.
 */
export function readAnswer(bytes: Uint8Array): Answer {
  const answer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const rows: Record<string, unknown>[] = [];
  let columns: Column[] = [];
  let affected = 0;
  let error: SqlErrorFields | null = null;
  let inTransaction = false;
  for (let at = 0; at < answer.length; ) {
    const end = at + 1 + answer.readInt32BE(at + 1);
    const body = at + 5;
    switch (answer[at]) {
      case ROW_DESCRIPTION:
        columns = readColumns(answer, body);
        break;
      case DATA_ROW:
        rows.push(readRow(answer, body, columns));
        break;
      case COMMAND_COMPLETE:
        affected = affectedRows(answer.toString('latin1', body, end - 1));
        break;
      case ERROR:
        error ??= readError(bytes.subarray(at, end));
        break;
      case READY_FOR_QUERY:
        inTransaction = answer[body] !== IDLE;
        break;
    }
    at = end;
  }
  return { rows: error === null ? rows : [], affectedRows: affected, error, inTransaction };
}

/** Number of columns; of each its name up to a zero byte, table (4) and column (2), type (4), size, modifier, format. */
function readColumns(answer: Buffer, body: number): Column[] {
  const columns: Column[] = [];
  const count = answer.readInt16BE(body);
  for (let index = 0, at = body + 2; index < count; index++) {
    const nameEnd = answer.indexOf(0, at);
    columns.push({ name: answer.toString('utf8', at, nameEnd), parse: valueParser(answer.readInt32BE(nameEnd + 7)) });
    at = nameEnd + 19;
  }
  return columns;
}

/** Number of values; of each its length (-1 for null) and its text. */
function readRow(answer: Buffer, body: number, columns: readonly Column[]): Record<string, unknown> {
  const row: Record<string, unknown> = {};
  let at = body + 2;
  for (const { name, parse } of columns) {
    const length = answer.readInt32BE(at);
    at += 4;
    if (length < 0) {
      row[name] = null;
      continue;
    }
    row[name] = parse(answer.toString('utf8', at, at + length));
    at += length;
  }
  return row;
}

function readError(message: Uint8Array): SqlErrorFields {
  let fields: SqlErrorFields = { message: 'The database refused the statement.' };
  new protocol.Parser().parse(message, (parsed) => {
    fields = sqlErrorFields(parsed as unknown as SqlErrorFields);
  });
  return fields;
}
