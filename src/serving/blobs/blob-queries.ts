import type { Db } from '../../foundation/database/tables.ts';

export interface BlobRow {
  readonly hash: string;
  readonly media_type: string;
  readonly bytes: number;
}

export async function insertBlob(db: Db, row: BlobRow & { readonly created_at: Date }): Promise<void> {
  await db
    .insertInto('blobs')
    .values(row)
    .onConflict((conflict) => conflict.column('hash').doNothing())
    .execute();
}

export async function findBlobs(db: Db, hashes: readonly string[]): Promise<BlobRow[]> {
  if (hashes.length === 0) return [];
  return await db
    .selectFrom('blobs')
    .select(['hash', 'media_type', 'bytes'])
    .where('hash', 'in', [...hashes])
    .execute();
}
