/** A filter after parsing: fields exist, values have the fields' types, words are analysed. Plain and frozen. */
export type FilterNode =
  | { readonly kind: 'equals'; readonly field: string; readonly values: readonly FilterValue[]; readonly all: boolean }
  | { readonly kind: 'match'; readonly field: string; readonly tokens: readonly string[]; readonly all: boolean }
  | { readonly kind: 'phrase'; readonly field: string; readonly tokens: readonly string[] }
  | { readonly kind: 'exists'; readonly field: string }
  | { readonly kind: 'range'; readonly field: string; readonly bounds: readonly Bound[] }
  | { readonly kind: 'prefix'; readonly field: string; readonly prefix: string }
  | { readonly kind: 'wildcard'; readonly field: string; readonly pattern: string }
  | {
      readonly kind: 'near';
      readonly field: string;
      readonly lat: number;
      readonly lon: number;
      readonly meters: number;
    }
  | {
      readonly kind: 'bool';
      readonly must: readonly FilterNode[];
      readonly should: readonly FilterNode[];
      readonly minimumShould: number;
      readonly mustNot: readonly FilterNode[];
    };

/** Dates are ISO 8601 text in UTC, categories paths such as `a > b`. */
export type FilterValue = string | number | boolean;

export interface Bound {
  readonly operator: 'gt' | 'gte' | 'lt' | 'lte';
  readonly value: string | number;
}
