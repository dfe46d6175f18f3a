import { expect, it } from 'vitest';
import { loadScifact } from '../../bench/support/datasets.ts';
import { mean, ndcgAt } from '../../src/learning/evaluation/metrics.ts';
import { createStudio } from '../../src/studio.ts';
import { describeWithShared } from '../support/shared.ts';

describeWithShared('search by word over SciFact', () => {
  it('ranks within .01 of the BM25 reference, nDCG@10 .685', { timeout: 300_000 }, async () => {
    const dataset = loadScifact();
    const studio = await createStudio({ dataDirectory: 'memory' });
    try {
      const { collections, items, search } = studio.services;
      await collections.put('scifact', { fields: { text: { type: 'text', lexical: true } } });
      const { sequence } = await items.upsert('scifact', dataset.items);
      await items.waitIndexed('scifact', sequence, 250);
      const scores: number[] = [];
      for (const { text, grades } of dataset.queries) {
        const { hits } = await search.search('scifact', {
          query: [{ text }],
          mode: 'lexical',
          limit: 10,
          record: false,
          fields: [],
        });
        scores.push(
          ndcgAt(
            hits.map((hit) => hit.id),
            grades,
            10,
          ),
        );
      }
      expect(Math.abs(mean(scores) - 0.685)).toBeLessThan(0.01);
    } finally {
      await studio.close();
    }
  });
});
