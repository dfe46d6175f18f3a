import { setImmediate } from 'node:timers/promises';
import { StudioError } from '../../foundation/core/errors.ts';
import { createAnalyzer } from '../../foundation/core/text/analyzer.ts';
import type { BlobStore } from '../blobs/blob-store.ts';
import { columnsOf } from './columns.ts';
import type { ItemStage, UpsertTally } from './item-errors.ts';
import { storeImages } from './item-images.ts';
import { checkFields, parseItem } from './item-inputs.ts';
import type { Collection } from './schema.ts';
import { type PreparedItem, prepareItem } from './typed-rows.ts';

/** An input with its place in the request. */
export interface IndexedInput {
  readonly index: number;
  readonly input: unknown;
}

export interface IndexedItem {
  readonly index: number;
  readonly input: unknown;
  readonly item: PreparedItem;
}

/** The event loop is given back after this long, so that searches are answered while a big batch is prepared. */
const SLICE_MILLISECONDS = 8;

/** Checks and prepares inputs; faulty ones are counted and left out. Of two with one id the later stands. */
export async function prepareItems(
  collection: Pick<Collection, 'fields' | 'language'>,
  inputs: readonly IndexedInput[],
  tools: { readonly blobs: BlobStore; readonly tally: UpsertTally },
): Promise<IndexedItem[]> {
  const { fields } = collection;
  const columns = columnsOf(fields);
  const analyzer = createAnalyzer(collection.language);
  const hasImages = Object.values(fields).some((field) => field.type === 'image');
  const prepared = new Map<string, IndexedItem>();
  let sliceStart = performance.now();
  for (const { index, input } of inputs) {
    let stage: ItemStage = 'validate';
    try {
      const parsed = parseItem(input);
      checkFields(fields, parsed.payload);
      stage = 'blob';
      const payload = hasImages ? await storeImages(fields, parsed.payload, tools.blobs) : parsed.payload;
      stage = 'validate';
      const item = prepareItem(fields, columns, { ...parsed, payload }, analyzer);
      settle(prepared, { index, input, item }, tools.tally);
    } catch (error) {
      tools.tally.fail(stage, index, (input as { id?: unknown } | null)?.id, error);
    }
    if (performance.now() - sliceStart > SLICE_MILLISECONDS) {
      await setImmediate();
      sliceStart = performance.now();
    }
  }
  return [...prepared.values()];
}

/** As if the two had been written one after the other: the later replaces the earlier unless its version is older. */
function settle(prepared: Map<string, IndexedItem>, next: IndexedItem, tally: UpsertTally): void {
  const earlier = prepared.get(next.item.id);
  const before = earlier?.item.version ?? null;
  if (earlier === undefined) {
    prepared.set(next.item.id, next);
    return;
  }
  const after = next.item.version;
  const older =
    before !== null &&
    after !== null &&
    (after < before || (after === before && next.item.payloadHash !== earlier.item.payloadHash));
  if (older) throw versionConflict(next.item.id, after, before);
  tally.accepted++;
  prepared.set(next.item.id, { ...next, item: { ...next.item, version: after ?? before } });
}

export function versionConflict(id: string, sent: number | null, stored: number | null): StudioError {
  return new StudioError(
    'version_conflict',
    `Item ${JSON.stringify(id)} has version ${stored} already; ${sent} is not newer.`,
    {
      details: { stored, sent },
    },
  );
}
