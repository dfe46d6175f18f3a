import { alwaysValidSign, type SignOptions, type SignResult } from '../sequential/sign-mixture.ts';
import type { DraftedHit, Team } from './team-draft.ts';

export type Outcome = Team | 'tie';

/** Clicks on each team's picks; several clicks on one item count once. */
export function creditOf(hits: readonly DraftedHit[], clickedIds: Iterable<string>): Readonly<Record<Team, number>> {
  const clicked = new Set(clickedIds);
  const count = (team: Team): number => hits.filter((hit) => hit.team === team && clicked.has(hit.itemId)).length;
  return { served: count('served'), candidate: count('candidate') };
}

/** Who won a search: the team with more credit. */
export function outcomeOf(hits: readonly DraftedHit[], clickedIds: Iterable<string>): Outcome {
  const { served, candidate } = creditOf(hits, clickedIds);
  return candidate > served ? 'candidate' : served > candidate ? 'served' : 'tie';
}

export interface InterleavingResult extends SignResult {
  readonly wins: number;
  readonly losses: number;
  readonly ties: number;
  /** Δ = (wins + ties / 2) / all − ½ of the candidate, in [−½, ½] (Chapelle et al. 2012). */
  readonly delta: number;
  readonly verdict: 'candidate' | 'served' | 'undecided';
}

/**
 * What the outcomes say so far, from the candidate's side. Always valid: one may look after every search and stop at a verdict.
 */
export function interleavingResult(outcomes: Iterable<Outcome>, options: SignOptions = {}): InterleavingResult {
  const counts = { candidate: 0, served: 0, tie: 0 };
  for (const outcome of outcomes) counts[outcome]++;
  const { candidate: wins, served: losses, tie: ties } = counts;
  const all = wins + losses + ties;
  const sign = alwaysValidSign(wins, losses, options);
  const verdict = sign.low > 0.5 ? 'candidate' : sign.high < 0.5 ? 'served' : 'undecided';
  return { ...sign, wins, losses, ties, delta: all === 0 ? 0 : (wins + ties / 2) / all - 0.5, verdict };
}
