import { StudioError } from '../../foundation/core/errors.ts';
import { canonicalJson, sha256 } from '../../foundation/core/hash.ts';
import type { Analyzer } from '../../foundation/core/text/analyzer.ts';
import { composeItem } from '../content/compose.ts';
import type { ItemColumn } from './columns.ts';
import { columnValues, FieldFault } from './field-values.ts';
import { asItemError, MAX_PAYLOAD_BYTES, type ParsedItem } from './item-inputs.ts';
import { readPath } from './payload-paths.ts';
import type { Fields, Payload } from './schema.ts';

/** An item as its row: everything but key, sequences and times. */
export interface PreparedItem {
  readonly id: string;
  readonly version: number | null;
  readonly payload: Payload;
  readonly payloadHash: string;
  readonly embedHash: string;
  readonly lexicalHash: string;
  /** Values by physical column name. */
  readonly columns: Readonly<Record<string, unknown>>;
}

/** Throws `invalid_item`, `payload_too_large`. The payload has been checked against the fields already. */
export function prepareItem(
  fields: Fields,
  columns: readonly ItemColumn[],
  item: ParsedItem,
  analyzer: Analyzer,
): PreparedItem {
  const json = canonicalJson(item.payload);
  // Three bytes a UTF-16 unit is the most that UTF-8 takes: most payloads need no count.
  if (json.length * 3 > MAX_PAYLOAD_BYTES && Buffer.byteLength(json) > MAX_PAYLOAD_BYTES) {
    const message = `The item has ${Buffer.byteLength(json)} bytes beside its pictures; at most ${MAX_PAYLOAD_BYTES} are allowed.`;
    throw new StudioError('payload_too_large', message, {
      hint: 'Split the item, or keep large values elsewhere and store their address.',
    });
  }
  const content = composeItem(fields, item.payload);
  return {
    id: item.id,
    version: item.version,
    payload: item.payload,
    payloadHash: sha256(json),
    embedHash: content.embedHash,
    lexicalHash: content.lexicalHash,
    columns: typedColumns(fields, columns, item.payload, analyzer),
  };
}

export function typedColumns(
  fields: Fields,
  columns: readonly ItemColumn[],
  payload: Payload,
  analyzer: Analyzer,
): Record<string, unknown> {
  const row: Record<string, unknown> = {};
  for (const column of columns) {
    try {
      Object.assign(
        row,
        columnValues([column], fields, (name) => readPath(payload, name), analyzer),
      );
    } catch (error) {
      throw error instanceof FieldFault ? asItemError(column.field, error) : error;
    }
  }
  return row;
}

/** Equal for two declarations whose items are stored alike. */
export const storageKey = (collection: { readonly fields: Fields; readonly language: string }): string =>
  JSON.stringify([
    Object.entries(collection.fields).map(([name, field]) => [name, canonicalJson(field)]),
    collection.language,
  ]);
