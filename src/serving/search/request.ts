/** A search as the service takes it: shapes are checked, meaning is not. */
export type SearchMode = 'hybrid' | 'vector' | 'lexical';

/** One thing to search by. Exactly one of text, image, itemId, vector, fields; several parts are mixed by weight. */
export interface QueryPart {
  readonly text?: string | undefined;
  /** Bytes of an image file. */
  readonly image?: Uint8Array | undefined;
  /** More like this item. */
  readonly itemId?: string | undefined;
  readonly vector?: readonly number[] | undefined;
  /** A structured object: it becomes text as an item of the collection would. */
  readonly fields?: Readonly<Record<string, unknown>> | undefined;
  /** 1 by default; negative moves away from it. */
  readonly weight?: number | undefined;
}

export interface SearchRequest {
  /** No parts: browse, in the order of `sort`. */
  readonly query: readonly QueryPart[];
  readonly mode?: SearchMode | undefined;
  readonly filter?: unknown;
  readonly facets?: readonly unknown[] | undefined;
  readonly sort?: readonly unknown[] | undefined;
  readonly limit?: number | undefined;
  readonly offset?: number | undefined;
  readonly cursor?: string | undefined;
  readonly user?: string | undefined;
  readonly session?: string | undefined;
  /** Payload fields to return; all when left out. */
  readonly fields?: readonly string[] | undefined;
  readonly highlight?: boolean | undefined;
  readonly explain?: boolean | undefined;
  /** Hits farther away than this are left out: 1 − cosine, minus the inner product, or the L2 distance. */
  readonly maxDistance?: number | undefined;
  /** False leaves no record; events for such a search are refused. */
  readonly record?: boolean | undefined;
  /** Overrides the release's fusion weight for this search. */
  readonly lexicalWeight?: number | undefined;
  /** False leaves feedback memory out of this search. */
  readonly memory?: boolean | undefined;
  /** False leaves the user's profile out of this search. */
  readonly personalize?: boolean | undefined;
}

export interface ScoreExplanation {
  /** BM25 score and its share of the best one. */
  readonly lexical: { readonly score: number; readonly normalized: number; readonly weight: number } | null;
  /** Similarity, and where it lies between the collection's mean (0) and the best one (1). */
  readonly vector: {
    readonly similarity: number;
    readonly normalized: number;
    readonly weight: number;
    readonly space: string;
    readonly model: string;
  } | null;
  readonly fused: number;
  readonly signals: Readonly<Record<string, { readonly boost: number; readonly why: unknown }>>;
  readonly score: number;
  readonly release: string;
  /** Where exploration moved the hit: its rank in the ranking, and the chance to be shown where it was. */
  readonly exploration?: { readonly rank: number; readonly propensity: number };
}

export interface SearchHit {
  readonly id: string;
  readonly position: number;
  readonly score: number;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly parts?: ReadonlyArray<{
    readonly position: number;
    readonly text: string | null;
    readonly similarity: number;
  }>;
  readonly highlights?: Readonly<
    Record<string, { readonly text: string; readonly ranges: ReadonlyArray<readonly [number, number]> }>
  >;
  readonly explain?: ScoreExplanation;
}

export interface SearchResponse {
  readonly searchId: string | null;
  readonly release: string;
  readonly hits: readonly SearchHit[];
  readonly total: { readonly value: number; readonly exact: boolean };
  readonly facets?: Readonly<Record<string, unknown>>;
  readonly nextCursor?: string;
  readonly warnings?: readonly string[];
  readonly tookMs: number;
}
