import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inferSchema } from '../../../src/surfaces/cli/import/infer-schema.ts';
import { type FileEntry, openItemsFile } from '../../../src/surfaces/cli/import/read-items-file.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'import-files-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function entriesOf(name: string, content: string | Uint8Array): Promise<FileEntry[]> {
  const path = join(folder, name);
  await writeFile(path, content);
  const file = await openItemsFile(path);
  const entries: FileEntry[] = [];
  for await (const entry of file.entries()) entries.push(entry);
  return entries;
}
const itemsOf = async (name: string, content: string | Uint8Array): Promise<unknown[]> =>
  (await entriesOf(name, content)).map((entry) => entry.item);

describe('files of items', () => {
  const items = [{ id: 'a', title: 'Äpfel' }, { id: 'b' }];
  const ndjson = `${items.map((item) => JSON.stringify(item)).join('\n')}\n`;

  it('are read as NDJSON, as a JSON array, gzipped and with a byte order mark alike', async () => {
    expect(await itemsOf('a.ndjson', ndjson)).toEqual(items);
    expect(await itemsOf('a.json', JSON.stringify(items, null, 2))).toEqual(items);
    expect(await itemsOf('a.ndjson.gz', gzipSync(ndjson))).toEqual(items);
    expect(await itemsOf('a.json.gz', gzipSync(JSON.stringify(items)))).toEqual(items);
    expect(await itemsOf('bom.ndjson', `\uFEFF${ndjson}`)).toEqual(items);
    expect(await itemsOf('bom.json', `\uFEFF${JSON.stringify(items)}`)).toEqual(items);
  });

  it('name the line of what is no JSON and go on', async () => {
    const entries = await entriesOf('broken.ndjson', '{"id":"a"}\n\n{"id":\n{"id":"c"}');
    expect(entries.map((entry) => [entry.place, entry.error?.slice(0, 26)])).toEqual([
      ['line 1', undefined],
      ['line 3', 'The line is no valid JSON:'],
      ['line 4', undefined],
    ]);
  });

  it('say how far they are read', async () => {
    const entries = await entriesOf('far.json', JSON.stringify(items));
    expect(entries.at(-1)?.bytesRead).toBe(Buffer.byteLength(JSON.stringify(items)));
  });

  it.each([
    ['table.csv', 'id,title\n1,a', 'CSV files are not read'],
    ['a.parquet', 'PAR1....', 'it is a Parquet file'],
    ['a.zip', 'PK\u0003\u0004', 'it is a ZIP archive'],
    ['empty.ndjson', '', 'is empty'],
    ['blank.ndjson', ' \n ', 'is empty'],
    ['pretty.json', '{\n  "id": "a"\n}', 'it is one object over several lines'],
    ['words.txt', 'hello', 'it begins with "h"'],
    ['cut.json', '[{"id": "a"}, {', 'is no valid JSON'],
    ['cut.gz', gzipSync(ndjson).subarray(0, 30), 'breaks off'],
    ['not.gz', Buffer.from([0x1f, 0x8b, 1, 2, 3]), 'looks like gzip'],
  ])('%s is refused: %s', async (name, content, message) => {
    await expect(itemsOf(name, content)).rejects.toMatchObject({
      code: 'invalid_file',
      message: expect.stringContaining(message),
    });
  });

  it('that are missing or directories are refused', async () => {
    await expect(openItemsFile(join(folder, 'nope'))).rejects.toThrow('does not exist');
    await expect(openItemsFile(folder)).rejects.toThrow('is a directory');
  });
});

describe('an inferred schema', () => {
  const colors = ['red', 'green', 'blue'];
  const items = Array.from({ length: 30 }, (_, index) => ({
    id: `i${index}`,
    version: 1,
    title: `Chair number ${index} made of wood`,
    color: colors[index % 3],
    tags: ['indoor', colors[index % 3]],
    price: index * 1.5,
    available: index % 2 === 0,
    added: '2026-01-31',
    category: 'Home > Chairs',
    place: { lat: 52.5, lon: 13.4 },
    maker: { name: `Maker ${index} of Somewhere` },
    photo: 'data:image/png;base64,AAAA',
    mixed: index % 2 === 0 ? 1 : 'one',
  }));

  it('knows texts, keywords, numbers, booleans, dates, categories, places, pictures and nested fields', () => {
    expect(inferSchema(items)).toEqual({
      title: { type: 'text', embed: true, lexical: true },
      color: { type: 'keyword', filter: true, facet: true },
      tags: { type: 'keyword', filter: true, facet: true, multiple: true },
      price: { type: 'number', filter: true, facet: true, sort: true },
      available: { type: 'boolean', filter: true, facet: true },
      added: { type: 'date', filter: true, sort: true },
      category: { type: 'category', embed: true, lexical: true, filter: true, facet: true },
      place: { type: 'geo', filter: true },
      'maker.name': { type: 'text', embed: true, lexical: true },
      photo: { type: 'image', embed: true },
    });
  });

  it('searches by a keyword where there is no text', () => {
    const fields = inferSchema(
      Array.from({ length: 12 }, (_, index) => ({ id: `${index}`, color: colors[index % 3] })),
    );
    expect(fields.color).toMatchObject({ type: 'keyword', embed: true, lexical: true });
  });

  it('is empty for items without any field', () => {
    expect(inferSchema([{ id: 'a' }, 5, null])).toEqual({});
  });
});
