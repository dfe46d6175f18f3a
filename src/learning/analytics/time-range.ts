import { StudioError } from '../../foundation/core/errors.ts';

export const INTERVALS = ['hour', 'day', 'week'] as const;
export type Interval = (typeof INTERVALS)[number];

/** From the first moment to before the last. */
export interface TimeRange {
  readonly from: Date;
  readonly to: Date;
}

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const MILLISECONDS: Readonly<Record<Interval, number>> = { hour: HOUR, day: DAY, week: 7 * DAY };
const MAX_DAYS = 400;
const MAX_BUCKETS = 1000;
/** The first Monday of the epoch: weeks begin on Mondays, as in SQL. */
const MONDAY = 4 * DAY;

/** The last seven days when nothing is said; seven days from or to what is said. Throws `invalid_request`. */
export function timeRange(
  asked: { readonly from?: string | undefined; readonly to?: string | undefined },
  now: Date,
): TimeRange {
  const to = asked.to === undefined ? (asked.from === undefined ? now : later(asked.from, now)) : new Date(asked.to);
  const from = asked.from === undefined ? new Date(to.getTime() - 7 * DAY) : new Date(asked.from);
  if (from >= to) {
    throw new StudioError(
      'invalid_request',
      `"from" (${from.toISOString()}) must lie before "to" (${to.toISOString()}).`,
    );
  }
  if (to.getTime() - from.getTime() > MAX_DAYS * DAY)
    throw new StudioError('invalid_request', `From "from" to "to" are at most ${MAX_DAYS} days.`, {
      hint: 'Ask for a shorter time, piece by piece.',
    });
  return { from, to };
}

/** What lies in the future would be a range without an end: seven days then. */
const later = (from: string, now: Date): Date =>
  new Date(from) < now ? now : new Date(new Date(from).getTime() + 7 * DAY);

/** Beginnings of all buckets that the range touches, in UTC; a first or last one may reach beyond it. Throws `invalid_request`. */
export function bucketsOf({ from, to }: TimeRange, interval: Interval): Date[] {
  const step = MILLISECONDS[interval];
  const origin = interval === 'week' ? MONDAY : 0;
  const first = Math.floor((from.getTime() - origin) / step) * step + origin;
  const count = Math.ceil((to.getTime() - first) / step);
  if (count > MAX_BUCKETS)
    throw new StudioError('invalid_request', `That are ${count} buckets; at most ${MAX_BUCKETS} are allowed.`, {
      hint: 'Ask for a shorter time, or a longer interval.',
    });
  return Array.from({ length: count }, (_, index) => new Date(first + index * step));
}
