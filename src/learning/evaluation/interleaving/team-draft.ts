import { createRandom } from '../../../foundation/core/random.ts';

export type Team = 'served' | 'candidate';

export interface DraftedHit {
  readonly itemId: string;
  /** Whose pick it is; null where both rankings agree from the top, so that a click says nothing about either. */
  readonly team: Team | null;
}

export interface TeamDraftOptions {
  /** Of the search, so that the same search asked again gets the same list. */
  readonly seed: number;
  readonly length: number;
}

/**
 * Team-draft interleaving (Radlinski, Kurup and Joachims 2008): in each round both rankings pick their best item that
 * is not in the list yet, and a coin decides who picks first. Over many searches each team stands equally high, so more clicks on one team's
 * picks mean a better ranking. Items at the top that both rankings agree on carry no team (Chapelle et al. 2012): the coin
 * would only add noise.
 *
 * @example teamDraft(['a', 'b'], ['a', 'c'], { seed: 1, length: 3 })
 */
export function teamDraft(
  served: readonly string[],
  candidate: readonly string[],
  options: TeamDraftOptions,
): DraftedHit[] {
  const random = createRandom(options.seed);
  const taken = new Set<string>();
  const hits: DraftedHit[] = [];
  const next = { served: 0, candidate: 0 };
  const rankings = { served, candidate };
  const agreed = agreementOf(served, candidate);
  const pick = (team: Team): void => {
    const ranking = rankings[team];
    while (next[team] < ranking.length && taken.has(ranking[next[team]] as string)) next[team]++;
    const itemId = ranking[next[team]];
    if (itemId === undefined || hits.length >= options.length) return;
    taken.add(itemId);
    hits.push({ itemId, team: hits.length < agreed ? null : team });
  };
  const rounds = Math.max(served.length, candidate.length);
  for (let round = 0; round < rounds && hits.length < options.length; round++) {
    const first: Team = random.next() < 0.5 ? 'served' : 'candidate';
    pick(first);
    pick(first === 'served' ? 'candidate' : 'served');
  }
  return hits;
}

/** Length of the prefix that both rankings share. */
function agreementOf(served: readonly string[], candidate: readonly string[]): number {
  const first = served.findIndex((itemId, rank) => candidate[rank] !== itemId);
  return first === -1 ? served.length : first;
}
