import type { GuardSettings } from '../feedback-settings.ts';

/** One event of a session, as the guards see it. */
export interface GuardedEvent {
  readonly searchId: string;
  readonly itemId: string;
  readonly type: string;
  readonly value: number | null;
  readonly at: Date;
}

export interface GuardedSearch {
  readonly searchId: string;
  readonly queryKey: string | null;
  readonly shown: number;
  /** When the server answered: nobody can forge it. */
  readonly at: Date;
}

export interface GuardedSession {
  readonly searches: readonly GuardedSearch[];
  readonly events: readonly GuardedEvent[];
}

/** Why a session does not count. */
export interface Suspicion {
  readonly code:
    | 'too_many_searches'
    | 'too_many_clicks'
    | 'clicks_everything'
    | 'clicks_like_clockwork'
    | 'impossible_dwell'
    | 'single_minded'
    | 'click_farm';
  readonly message: string;
}

const MINUTE = 60_000;
/** A share of few is chance: so many clicks are looked at before a session is said to click everything. */
const MIN_CLICKS = 15;
/** People need longer to see, choose and click. */
const HASTY_MILLISECONDS = 250;
const MIN_HASTY = 5;
/** Nobody stays longer with one hit; a device that slept is no reader either, so one such dwell is forgiven. */
const MAX_DWELL_SECONDS = 6 * 3600;
const MIN_IMPOSSIBLE = 3;
/** One item clicked for so many different queries, and hardly anything else. */
const SINGLE_MINDED_QUERIES = 5;
const SINGLE_MINDED_CLICKS = 6;
const SINGLE_MINDED_SHARE = 0.75;

/**
 * What makes one session suspicious. Each rule is about what people cannot do, or have no reason to: none is about how
 * often somebody comes or what they like.
 *
 * @returns nothing for a session that counts
 */
export function suspicionsOf(session: GuardedSession, settings: GuardSettings): Suspicion[] {
  const clicks = clicksOf(session);
  return [
    ...tooMany(session.searches, settings.maxSearchesPerMinute, 'too_many_searches', 'searches'),
    ...tooMany(clicks, settings.maxClicksPerMinute, 'too_many_clicks', 'clicks'),
    ...clicksEverything(session, clicks, settings),
    ...clockwork(clicks),
    ...impossibleDwell(session),
    ...singleMinded(session, clicks),
  ];
}

/** The first click of each search and item: again is no new sign. */
function clicksOf({ events }: GuardedSession): GuardedEvent[] {
  const first = new Map<string, GuardedEvent>();
  for (const event of events) {
    const key = `${event.searchId} ${event.itemId}`;
    if (event.type === 'click' && !first.has(key)) first.set(key, event);
  }
  return [...first.values()].sort((left, right) => left.at.getTime() - right.at.getTime());
}

function tooMany(
  things: ReadonlyArray<{ readonly at: Date }>,
  most: number,
  code: 'too_many_searches' | 'too_many_clicks',
  name: string,
): Suspicion[] {
  const times = things.map(({ at }) => at.getTime()).sort((left, right) => left - right);
  let from = 0;
  let densest = 0;
  times.forEach((time, index) => {
    while ((times[from] as number) <= time - MINUTE) from++;
    densest = Math.max(densest, index - from + 1);
  });
  return densest > most ? [{ code, message: `${densest} ${name} within a minute; people make at most ${most}.` }] : [];
}

function clicksEverything(
  { searches }: GuardedSession,
  clicks: readonly GuardedEvent[],
  { maxClickedShare }: GuardSettings,
): Suspicion[] {
  const clicked = new Set(clicks.map(({ searchId }) => searchId));
  // Of the pages that were clicked at all: a robot that also leaves pages alone is no better.
  const shown = searches.filter(({ searchId }) => clicked.has(searchId)).reduce((sum, search) => sum + search.shown, 0);
  if (clicks.length < MIN_CLICKS || clicks.length < maxClickedShare * shown) return [];
  return [{ code: 'clicks_everything', message: `${clicks.length} of ${shown} hits clicked.` }];
}

function clockwork(clicks: readonly GuardedEvent[]): Suspicion[] {
  let hasty = 0;
  for (let index = 1; index < clicks.length; index++) {
    const [before, after] = [clicks[index - 1] as GuardedEvent, clicks[index] as GuardedEvent];
    const pause = after.at.getTime() - before.at.getTime();
    // Events without a time of their own have the time of their arrival, together: that says nothing.
    if (before.searchId === after.searchId && pause > 0 && pause < HASTY_MILLISECONDS) hasty++;
  }
  if (hasty < MIN_HASTY) return [];
  return [
    {
      code: 'clicks_like_clockwork',
      message: `${hasty} clicks came less than ${HASTY_MILLISECONDS} ms after the one before.`,
    },
  ];
}

function impossibleDwell({ searches, events }: GuardedSession): Suspicion[] {
  const answered = new Map(searches.map(({ searchId, at }) => [searchId, at.getTime()]));
  const impossible = events.filter(({ type, value, searchId, at }) => {
    if (type !== 'dwell' || value === null) return false;
    const since = (at.getTime() - (answered.get(searchId) ?? Number.NEGATIVE_INFINITY)) / 1000;
    // A minute of grace for clocks that differ.
    return value < 0 || value > MAX_DWELL_SECONDS || value > since + 60;
  });
  if (impossible.length < MIN_IMPOSSIBLE) return [];
  return [
    { code: 'impossible_dwell', message: `${impossible.length} times stayed longer with a hit than was possible.` },
  ];
}

function singleMinded({ searches }: GuardedSession, clicks: readonly GuardedEvent[]): Suspicion[] {
  const queryOf = new Map(searches.map(({ searchId, queryKey }) => [searchId, queryKey ?? searchId]));
  for (const [itemId, own] of Map.groupBy(clicks, (click) => click.itemId)) {
    const queries = new Set(own.map(({ searchId }) => queryOf.get(searchId)));
    if (queries.size < SINGLE_MINDED_QUERIES || own.length < SINGLE_MINDED_CLICKS) continue;
    if (own.length < SINGLE_MINDED_SHARE * clicks.length) continue;
    return [
      {
        code: 'single_minded',
        message: `${own.length} of ${clicks.length} clicks on the item ${JSON.stringify(itemId)}, for ${queries.size} different queries.`,
      },
    ];
  }
  return [];
}
