/** A hit as it was shown and what came of it. */
export interface LoggedHit {
  readonly itemId: string;
  /** 1 for the first. */
  readonly position: number;
  /** Chance, in (0, 1], that the served release put this item at this position for this query; 1 without exploration. */
  readonly propensity: number;
  /** What is to be had more of: 1 for a click, or a weighted sum of events. */
  readonly reward: number;
}

export interface LoggedSearch {
  /** Searches of one query stand or fall together in an interval. */
  readonly queryKey: string;
  readonly hits: readonly LoggedHit[];
}

/** The order in which the release under test would have shown items for a search, best first. */
export type TargetRanking = (search: LoggedSearch) => readonly string[];
