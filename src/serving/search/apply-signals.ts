import type { FusedScore } from './fuse.ts';
import type { LiveVector } from './live-release.ts';
import type { CandidateSignal, RankingSignal, SignalContext, SignalScore } from './ranking-signal.ts';

export interface SignalOutcome {
  /** Boosts by signal name, then by item id. */
  readonly scores: ReadonlyMap<string, ReadonlyMap<string, SignalScore>>;
  /** Signals that failed or came too late. */
  readonly failed: readonly string[];
}

/** Longest time that a search waits for a signal. */
const PATIENCE_MILLISECONDS = 1000;

/** Asks all signals; one that fails or is late is left out and named. */
export async function askSignals(
  signals: readonly RankingSignal[],
  context: SignalContext,
  onFailure: (signal: string, error: unknown) => void,
): Promise<SignalOutcome> {
  const failed: string[] = [];
  const scores = new Map<string, ReadonlyMap<string, SignalScore>>();
  await Promise.all(
    signals.map(async (signal) => {
      try {
        scores.set(signal.name, await withPatience(signal.score(context)));
      } catch (error) {
        failed.push(signal.name);
        onFailure(signal.name, error);
      }
    }),
  );
  return { scores, failed };
}

/** Boosts by signal name, then by the candidate's key. */
export type CandidateScores = ReadonlyMap<string, ReadonlyMap<number, SignalScore>>;

/** Begins with the signals that have to see the candidates; what it returns asks them. Failures are named as they come. */
export function beginSignals(
  signals: readonly CandidateSignal[],
  context: SignalContext,
  vectors: readonly LiveVector[],
  onFailure: (signal: string, error: unknown) => void,
): (keys: readonly number[]) => Promise<CandidateScores> {
  const begun = signals.map((signal) => ({ name: signal.name, scorer: settled(signal.begin(context, vectors)) }));
  return async (keys) => {
    const scores = new Map<string, ReadonlyMap<number, SignalScore>>();
    await Promise.all(
      begun.map(async ({ name, scorer }) => {
        try {
          const score = await scorer();
          if (score !== null) scores.set(name, await withPatience(score(keys)));
        } catch (error) {
          onFailure(name, error);
        }
      }),
    );
    return scores;
  };
}

/** Waits at most so long from now on; a failure is kept for whoever asks, should anybody. */
function settled<T>(promise: Promise<T>): () => Promise<T> {
  const patient = withPatience(promise);
  patient.catch(() => {});
  return () => patient;
}

async function withPatience<T>(promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${PATIENCE_MILLISECONDS} ms`)), PATIENCE_MILLISECONDS);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

export interface RankedItem extends FusedScore {
  readonly score: number;
  readonly signals: Readonly<Record<string, SignalScore>>;
}

/** Adds the boosts and sorts, best first; equal scores keep the order of the items' arrival. */
export function rank(
  fused: readonly FusedScore[],
  outcome: SignalOutcome,
  keys: ReadonlyMap<string, number>,
  candidates: CandidateScores = new Map(),
): RankedItem[] {
  const boosts = new Map<number, Record<string, SignalScore>>();
  for (const [name, scores] of outcome.scores) {
    for (const [itemId, score] of scores) {
      const key = keys.get(itemId);
      if (key === undefined) continue;
      boosts.set(key, { ...boosts.get(key), [name]: score });
    }
  }
  for (const [name, scores] of candidates) {
    for (const [key, score] of scores) boosts.set(key, { ...boosts.get(key), [name]: score });
  }
  return fused
    .map((entry) => {
      const signals = boosts.get(entry.key) ?? {};
      const boost = Object.values(signals).reduce((sum, signal) => sum + signal.boost, 0);
      return { ...entry, signals, score: entry.fused + boost };
    })
    .sort((left, right) => right.score - left.score || left.key - right.key);
}
