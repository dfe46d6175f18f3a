/** What a collection declares about its items. Plain data; validated in `validate-schema.ts`. */
export const FIELD_TYPES = [
  'text',
  'image',
  'keyword',
  'number',
  'boolean',
  'date',
  'category',
  'geo',
  'vector',
] as const;
export type FieldType = (typeof FIELD_TYPES)[number];

export interface Field {
  readonly type: FieldType;
  /** Part of what the encoder reads (text, keyword, number, category as text; image as picture). */
  readonly embed?: boolean;
  /** Searched by word; a number is the field's weight (true means 1). */
  readonly lexical?: boolean | number;
  readonly filter?: boolean;
  readonly facet?: boolean;
  readonly sort?: boolean;
  /** The field holds a list of values. */
  readonly multiple?: boolean;
}

/** Field names may be dotted paths into the payload: `maker.name` reads `{maker: {name}}`. */
export type Fields = Readonly<Record<string, Field>>;

export type Splitter =
  | { readonly kind: 'none' }
  | { readonly kind: 'sentence'; readonly maxSentences?: number }
  | { readonly kind: 'separator'; readonly separator: string }
  | { readonly kind: 'markdown' }
  | { readonly kind: 'tokens'; readonly maxTokens: number; readonly overlapTokens?: number };

export type PartAggregation = 'max' | 'min' | 'mean' | { readonly topMean: number };
export type Metric = 'cosine' | 'dot' | 'l2';

export interface PartSettings {
  readonly split: Splitter;
  /** How an item's score comes from its parts' scores. */
  readonly aggregate: PartAggregation;
}

/** How a release ranks: stored with it, so that a past search can be explained. */
export interface RankingSettings {
  /** Weight of the lexical score in the fused score, 0 to 1. */
  readonly lexicalWeight: number;
  readonly memory: MemorySettings;
  readonly exploration: ExplorationSettings;
  readonly profile: ProfileSettings;
}

/** Personalization: see docs/guides/profiles.md for the formula. */
export interface ProfileSettings {
  readonly enabled: boolean;
  /** What a cosine of 1 above the candidates' mean adds to the score, with much evidence. */
  readonly strength: number;
  /** Evidence at which a profile counts half. */
  readonly prior: number;
  /** |boost| never exceeds this. */
  readonly limit: number;
  readonly halfLifeDays: number;
}

/** Exploration: see docs/guides/exploration.md for what it costs and buys. */
export interface ExplorationSettings {
  /** Share of a first page's slots that hold another item than the ranking's, on average; 0 switches it off. */
  readonly share: number;
  /** Only these top ranks change places. */
  readonly depth: number;
}

/** Feedback memory: see docs/guides/feedback-memory.md for the formula. */
export interface MemorySettings {
  readonly enabled: boolean;
  /** Strength β of the boost. */
  readonly strength: number;
  /** Prior m: how many expected clicks of silence a cell starts with. */
  readonly prior: number;
  /** Queries with at least this cosine share memory. */
  readonly minSimilarity: number;
  /** |boost| never exceeds this. */
  readonly limit: number;
  readonly halfLifeDays: number;
}

export interface Collection {
  readonly id: number;
  readonly name: string;
  readonly fields: Fields;
  readonly metric: Metric;
  readonly parts: PartSettings;
  /** Snowball language of the lexical index, for example `english`. */
  readonly language: string;
  readonly ranking: RankingSettings;
  /** Model ids that index this collection, at most one per modality. */
  readonly models: { readonly text?: string; readonly image?: string };
  /** Sequence number of the newest change. */
  readonly sequence: number;
  readonly liveReleaseId: string | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export type Payload = Readonly<Record<string, unknown>>;

export interface Item {
  readonly id: string;
  readonly payload: Payload;
  readonly version: number | null;
  readonly sequence: number;
  readonly updatedAt: Date;
}
