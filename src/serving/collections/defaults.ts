import type { Collection, Fields, PartSettings, RankingSettings } from './schema.ts';

export const DEFAULT_PARTS: PartSettings = { split: { kind: 'none' }, aggregate: 'max' };

export const DEFAULT_RANKING: RankingSettings = {
  lexicalWeight: 0.6,
  memory: { enabled: true, strength: 0.2, prior: 3, minSimilarity: 0.6, limit: 0.5, halfLifeDays: 30 },
  exploration: { share: 0, depth: 20 },
  profile: { enabled: true, strength: 0.5, prior: 10, limit: 0.3, halfLifeDays: 90 },
};

/** The starter pair of the package: the image starter speaks the text starter's space. */
export function defaultModels(fields: Fields): Collection['models'] {
  const hasEmbeddedImage = Object.values(fields).some((field) => field.type === 'image' && field.embed === true);
  return { text: 'starter', ...(hasEmbeddedImage ? { image: 'starter-image' } : {}) };
}
