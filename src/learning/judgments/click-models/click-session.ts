/** One page that was shown, as click models see it. */
export interface ClickSession {
  readonly queryKey: string;
  /** In the order shown. */
  readonly itemIds: readonly string[];
  /** Position of the first item: 1, or more on later pages. */
  readonly firstPosition: number;
  /** Whether each item was clicked. */
  readonly clicks: readonly boolean[];
  /** How much the page counts, in (0, 1]; see `decayWeight`. */
  readonly weight: number;
}

/** Half as much for every half-life: what people wanted last year says less about today. */
export const decayWeight = (ageDays: number, halfLifeDays: number): number =>
  0.5 ** (Math.max(0, ageDays) / halfLifeDays);

/** Index of the last click, −1 without any. */
export const lastClick = (session: ClickSession): number => session.clicks.lastIndexOf(true);
