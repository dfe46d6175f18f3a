import fc from 'fast-check';
import { sql } from 'kysely';
import { expect, it } from 'vitest';
import type { Database } from '../../../../src/foundation/database/open-database.ts';
import { itemTable } from '../../../../src/serving/collections/item-tables.ts';
import type { LexicalHit } from '../../../../src/serving/indexes/ports.ts';
import { describeOnEveryDatabase } from '../../../support/databases.ts';
import { type LexicalBench, openLexical } from '../../../support/lexical.ts';
import { plainScores } from './plain-bm25.ts';

const fields = { title: { type: 'text', lexical: 2.5 }, body: { type: 'text', lexical: true } } as const;
const WORDS = ['red', 'shoe', 'run', 'cat', 'dog', 'blue', 'the', 'a', '黑猫', 'straße', '1.75', "o'neil"];

const words = fc.array(fc.constantFrom(...WORDS), { maxLength: 8 }).map((list) => list.join(' '));
const payload = fc.record({ title: words, body: words });
/** Keys from several blocks; null deletes. */
const key = fc.oneof(
  fc.integer({ min: 1, max: 12 }),
  fc.integer({ min: 120, max: 136 }),
  fc.integer({ min: 5000, max: 5003 }),
);
const change = fc.tuple(key, fc.option(payload, { freq: 4 }));
const batches = fc.array(fc.array(change, { minLength: 1, maxLength: 25 }), { minLength: 1, maxLength: 5 });

const contentOf = ({ title, body }: { title: string; body: string }) => [
  { text: title, weight: 2.5 },
  { text: body, weight: 1 },
];

describeOnEveryDatabase('a lexical index', (open) => {
  async function withItems(payloads: readonly Record<string, unknown>[]): Promise<LexicalBench & Pick<Database, 'db'>> {
    const { db } = await open();
    const bench = await openLexical(db, { fields });
    await bench.apply(await bench.writeItems(new Map(payloads.map((item, at) => [at + 1, item]))));
    return { ...bench, db };
  }

  it('scores by BM25 whatever was put in, changed and taken out, and however often', async () => {
    const { db } = await open();
    await fc.assert(
      fc.asyncProperty(
        batches,
        fc.array(words, { minLength: 1, maxLength: 4 }),
        fc.boolean(),
        async (log, queries, isRepeated) => {
          const bench = await openLexical(db, { fields });
          const items = new Map<number, { title: string; body: string }>();
          for (const batch of log) {
            const newest = new Map(batch);
            const changes = await bench.writeItems(newest);
            await bench.apply(changes);
            if (isRepeated) await bench.apply(changes);
            for (const [item, content] of newest) {
              if (content === null) items.delete(item);
              else items.set(item, content);
            }
            // With an index that has read before, and with a fresh one.
            for (const index of [bench.index, bench.openIndex()]) {
              for (const text of queries) {
                const expected = plainScores(
                  new Map([...items].map(([item, content]) => [item, contentOf(content)])),
                  text,
                );
                expectScores(
                  new Map((await index.search({ text, limit: 100 })).hits.map((hit) => [hit.key, hit.score])),
                  expected,
                );
                expectScores(await index.scores(text, [...items.keys()]), expected);
              }
            }
          }
          await bench.drop();
        },
      ),
      { numRuns: 25 },
    );
  });

  it('holds nothing of items that are gone', async () => {
    const bench = await withItems([{ title: 'red shoe' }, { title: 'blue shoe' }]);
    await bench.apply(
      await bench.writeItems(
        new Map([
          [1, null],
          [2, null],
        ]),
      ),
    );
    const counts = await sql<{ postings: number; documents: number; statistics: object }>`
      select (select count(*)::integer from ${sql.table(`postings_${bench.indexId}`)}) as postings,
        (select count(*)::integer from ${sql.table(`documents_${bench.indexId}`)}) as documents, statistics
      from indexes where id = ${bench.indexId}`.execute(bench.db);
    expect(counts.rows[0]).toEqual({ postings: 0, documents: 0, statistics: { items: 0, length: 0, version: 2 } });
  });

  it('writes nothing when the transaction fails', async () => {
    const bench = await withItems([{ title: 'red shoe' }]);
    const changes = await bench.writeItems(new Map([[2, { title: 'red cat' }]]));
    await expect(
      bench.db.transaction().execute(async (transaction) => {
        await (await bench.prepare(changes)).write(transaction);
        throw new Error('killed');
      }),
    ).rejects.toThrow('killed');
    expect((await bench.index.search({ text: 'red', limit: 10 })).hits.map((hit) => hit.key)).toEqual([1]);
    await bench.apply(changes);
    expect((await bench.index.search({ text: 'red', limit: 10 })).hits.map((hit) => hit.key).sort()).toEqual([1, 2]);
  });

  it('fills the limit under any filter, with the best that pass in their order', async () => {
    const many = Array.from({ length: 1500 }, (_, at) => ({
      title: at % 3 === 0 ? 'red shoe' : 'shoe',
      body: WORDS.slice(0, at % 7).join(' '),
    }));
    const bench = await withItems(many);
    for (const text of ['shoe', 'red shoe the', 'cat']) {
      const { hits: all } = await bench.index.search({ text, limit: 2000 });
      const conditions = [
        ['true', () => true],
        ['i.key % 2 = 0', (k: number) => k % 2 === 0],
        ['i.key % 100 = 1', (k: number) => k % 100 === 1],
        ['i.key > 1490', (k: number) => k > 1490],
        ['false', () => false],
      ] as const;
      for (const [condition, passes] of conditions) {
        const expected = all.filter((hit) => passes(hit.key));
        for (const limit of [1, 10, 200]) {
          const request = { text, limit, condition: sql<boolean>`${sql.raw(condition)}` };
          const { hits, matched } = await bench.index.search({ ...request, count: true });
          expect(hits).toEqual(expected.slice(0, limit));
          expect(matched).toBe(expected.length);
          expect((await bench.index.search(request)).hits).toEqual(expected.slice(0, limit));
        }
      }
    }
  });

  it('leaves out items that were deleted before the index followed', async () => {
    const bench = await withItems(Array.from({ length: 300 }, (_, at) => ({ title: `red ${'cat '.repeat(at % 5)}` })));
    await bench.writeItems(new Map(Array.from({ length: 290 }, (_, at) => [at + 1, null])));
    const { hits, matched } = await bench.index.search({ text: 'red cat', limit: 10, count: true });
    expect(hits.map((hit) => hit.key).sort()).toEqual(Array.from({ length: 10 }, (_, at) => at + 291));
    expect(matched).toBe(10);
  });

  it('gives its matches as a condition over the items', async () => {
    const bench = await withItems([
      { title: 'red shoe' },
      { title: 'blue shoe' },
      { body: 'the running cat' },
      { body: 'dog' },
    ]);
    const keysOf = async (text: string): Promise<number[]> => {
      const { rows } = await sql<{ key: number }>`
        select i.key from ${itemTable(bench.collectionId)} i where ${bench.index.matches(text)!} order by i.key`.execute(
        bench.db,
      );
      return rows.map((row) => row.key);
    };
    expect(await keysOf('shoes runs')).toEqual([1, 2, 3]);
    expect(await keysOf('elephant')).toEqual([]);
    expect(await keysOf('')).toEqual([]);
  });

  it('finds nothing by a query without words', async () => {
    const { index } = await withItems([{ title: 'red shoe' }]);
    for (const text of ['', '   ', '?!…', '\u0000', '\ud800']) {
      expect(await index.search({ text, limit: 10, count: true })).toEqual({ hits: [], matched: 0 });
      expect(await index.scores(text, [1])).toEqual(new Map());
    }
    expect((await index.search({ text: 'red', limit: 0 })).hits).toEqual([]);
  });

  it('finds any text by itself, metacharacters and every script included', async () => {
    const { db } = await open();
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 40 }),
      fc.constantFrom(`'; drop table items; --`, '100% \\ "quoted" $1 $$ {a,b} NULL', '{"a": [1]}', 'ภาษาไทย', 'مُحَمَّد'),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(text, { minLength: 1, maxLength: 8 }), async (texts) => {
        const bench = await openLexical(db, { fields });
        const storable = texts.map((title) => title.replaceAll('\u0000', '').toWellFormed());
        await bench.apply(await bench.writeItems(new Map(storable.map((title, at) => [at + 1, { title }]))));
        for (const [at, title] of storable.entries()) {
          const expected = plainScores(
            new Map(storable.map((other, place) => [place + 1, [{ text: other, weight: 2.5 }]])),
            title,
          );
          const { hits } = await bench.index.search({ text: title, limit: 100 });
          expectScores(new Map(hits.map((hit) => [hit.key, hit.score])), expected);
          expect(hits.some((hit) => hit.key === at + 1)).toBe(expected.size > 0);
        }
        await bench.drop();
      }),
      { numRuns: 20 },
    );
  });

  it('takes a document as the query', async () => {
    const long = Array.from({ length: 3000 }, (_, at) => `word${at}`).join(' ');
    const { index } = await withItems([{ body: long }, { body: 'word1 red' }, { body: 'dog' }]);
    const { hits } = await index.search({ text: long, limit: 10 });
    expect(hits.map((hit: LexicalHit) => hit.key)[0]).toBe(1);
  });
});

function expectScores(found: ReadonlyMap<number, number>, expected: ReadonlyMap<number, number>): void {
  expect([...found.keys()].sort((left, right) => left - right)).toEqual(
    [...expected.keys()].sort((left, right) => left - right),
  );
  for (const [item, score] of expected)
    expect(Math.abs(found.get(item)! - score)).toBeLessThan(1e-6 * Math.max(1, score));
}
