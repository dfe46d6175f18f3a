/** Why an event is not taken, and what to do about it. */
export const REFUSALS = {
  malformed: 'This is no event; compare it with /openapi.json.',
  unknown_type:
    'The collection knows no such type of event; declare it with a weight at PATCH /v1/collections/:name/feedback.',
  unknown_search: 'No recorded search has this searchId; send the searchId of the answer that showed the item.',
  item_not_shown: 'That search did not show this item; send the event with the search that showed it.',
  in_the_future: 'The time of the event lies more than five minutes in the future; check the clock of the client.',
  before_the_search: 'The event is older than the search that it names; check `at`.',
  too_old: 'The search is older than the collection takes events for (acceptDays, 30 unless set); it is not counted.',
} as const;
export type Refusal = keyof typeof REFUSALS;

export interface RefusedEvent {
  /** Place in the batch, from 0. */
  readonly index: number;
  readonly code: Refusal;
  readonly message: string;
}

export const refused = (index: number, code: Refusal, why?: string): RefusedEvent => ({
  index,
  code,
  message: why === undefined ? REFUSALS[code] : `${why} ${REFUSALS[code]}`,
});
