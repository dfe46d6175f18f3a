import { expect, it } from 'vitest';
import { TermCache } from '../../../../src/serving/indexes/lexical/term-cache.ts';
import { describeOnEveryDatabase } from '../../../support/databases.ts';
import { openLexical } from '../../../support/lexical.ts';

const fields = { title: { type: 'text', lexical: true } } as const;
const TERMS = ['red', 'blue', 'cat', 'dog', 'unknown'];

describeOnEveryDatabase('the cache of terms', (open) => {
  it('is as new as the database, however small it is and whoever writes', async () => {
    const { db } = await open();
    const bench = await openLexical(db, { fields });
    const caches = [0, 600, 32_000_000].map((capacity) => new TermCache(db, bench.indexId, capacity));
    for (let round = 0; round < 8; round++) {
      const items = Array.from({ length: 40 }, (_, at) => {
        const key = 1 + ((at * 17 + round * 53) % 400);
        return [
          key,
          key % 5 === round % 5 ? null : { title: `${TERMS[(key + round) % 4]} item ${TERMS[key % 4]}` },
        ] as const;
      });
      await bench.apply(await bench.writeItems(new Map(items)));
      const fresh = await new TermCache(db, bench.indexId).read(TERMS);
      const frequencies = TERMS.map((term) => fresh.postings.get(term)?.items);
      expect(frequencies.at(-1)).toBe(0);
      for (const cache of caches) {
        for (const terms of [TERMS.slice(0, round % 4), TERMS, TERMS]) {
          const { statistics, postings } = await cache.read(terms);
          expect(statistics).toEqual(fresh.statistics);
          expect(terms.map((term) => postings.get(term)?.items)).toEqual(frequencies.slice(0, terms.length));
        }
      }
    }
  });

  it('serves reads at the same time as writes with postings and statistics of one moment', async () => {
    const { db } = await open();
    const bench = await openLexical(db, { fields });
    const cache = new TermCache(db, bench.indexId);
    const writing = (async () => {
      for (let key = 1; key <= 40; key++) {
        await bench.apply(await bench.writeItems(new Map([[key * 50, { title: 'red cat' }]])));
      }
    })();
    let last = 0;
    while (last < 40) {
      const [first, second] = await Promise.all([cache.read(['red']), cache.read(['cat', 'red'])]);
      for (const { statistics, postings } of [first, second]) expect(postings.get('red')?.items).toBe(statistics.items);
      last = second.statistics.items;
    }
    await writing;
  });
});
