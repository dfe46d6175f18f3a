import type { Payload } from '../../collections/schema.ts';
import type { Change, IndexWriter, PreparedBatch } from '../ports.ts';
import { countTerms } from './bm25.ts';
import {
  changeStatistics,
  type DocumentRow,
  deleteDocuments,
  deletePostings,
  insertDocuments,
  readPostings,
  writePostings,
} from './lexical-queries.ts';
import {
  blockOf,
  joinPostings,
  type PostingRow,
  packPostings,
  placeOf,
  storedLength,
  withoutPlaces,
} from './postings.ts';

export interface LexicalWriterOptions {
  readonly indexId: number;
  /** What an item says in its lexical fields. */
  readonly lexicalContent: (payload: Payload) => ReadonlyArray<{ readonly weight: number; readonly text: string }>;
  readonly indexTerms: (text: string) => readonly string[];
}

/** Counts and packs the terms of changed items, and puts them in the place of what the index has of these items. */
export function createLexicalWriter({ indexId, lexicalContent, indexTerms }: LexicalWriterOptions): IndexWriter {
  async function prepare(changes: readonly Change[]): Promise<PreparedBatch> {
    const documents = changes
      .filter((change) => !change.deleted)
      .map(({ key, payload }) => ({ key, counts: countTerms(lexicalContent(payload), indexTerms) }))
      .filter(({ counts }) => counts.frequencies.size > 0);
    const postings = packPostings(documents);
    const rows = documents.map(({ key, counts }) => ({
      key,
      length: storedLength(counts),
      terms: [...counts.frequencies.keys()].join(' '),
    }));
    const keys = changes.map((change) => change.key);
    return { failures: [], write: (transaction) => write(transaction, keys, rows, postings) };
  }

  async function write(
    transaction: Parameters<PreparedBatch['write']>[0],
    keys: readonly number[],
    rows: readonly DocumentRow[],
    postings: readonly PostingRow[],
  ): Promise<void> {
    const removed = await deleteDocuments(transaction, indexId, keys);
    if (removed.length === 0 && rows.length === 0) return;
    const reduced = await withoutDocuments(transaction, removed);
    const added = new Map(postings.map((row) => [placeName(row), row]));
    const replaced = reduced.map((row) => ({
      ...row,
      postings: joinPostings(row.postings, added.get(placeName(row))?.postings),
    }));
    for (const row of reduced) added.delete(placeName(row));

    const emptied = replaced.filter((row) => row.postings.length === 0);
    const rewritten = replaced.filter((row) => row.postings.length > 0);
    if (emptied.length > 0) await deletePostings(transaction, indexId, emptied);
    if (rewritten.length > 0) await writePostings(transaction, indexId, rewritten, 'replace');
    if (added.size > 0) await writePostings(transaction, indexId, [...added.values()], 'append');
    if (rows.length > 0) await insertDocuments(transaction, indexId, rows);
    const lengthOf = (documents: readonly DocumentRow[]): number => documents.reduce((sum, row) => sum + row.length, 0);
    await changeStatistics(transaction, indexId, {
      items: rows.length - removed.length,
      length: lengthOf(rows) - lengthOf(removed),
      blocks: [...new Set([...rows, ...removed].map((row) => blockOf(row.key)))],
    });
  }

  /** The postings that the documents stand in, without them. */
  async function withoutDocuments(
    transaction: Parameters<PreparedBatch['write']>[0],
    documents: readonly DocumentRow[],
  ): Promise<PostingRow[]> {
    if (documents.length === 0) return [];
    const places = new Map<string, { term: string; block: number }>();
    const gone = new Map<number, Set<number>>();
    for (const { key, terms } of documents) {
      const block = blockOf(key);
      gone.set(block, (gone.get(block) ?? new Set<number>()).add(placeOf(key)));
      for (const term of terms.split(' ')) places.set(placeName({ term, block }), { term, block });
    }
    const found = await readPostings(transaction, indexId, [...places.values()]);
    return found.map((row) => ({ ...row, postings: withoutPlaces(row.postings, gone.get(row.block)!) }));
  }

  return { indexIds: [indexId], prepare };
}

/** Terms hold no blanks. */
const placeName = ({ term, block }: { readonly term: string; readonly block: number }): string => `${block} ${term}`;
