import { createRandom } from '../../src/foundation/core/random.ts';
import { type Behaviour, look } from '../../src/learning/evaluation/simulator/behaviour.ts';
import type { ClickSession } from '../../src/learning/judgments/click-models/click-session.ts';

export interface SimulatedSessions {
  readonly sessions: readonly ClickSession[];
  /** True attraction by query and item, noise included. */
  readonly attractionOf: (queryKey: string, itemId: string) => number;
}

const RANKS = 14;
const PAGE = 10;

/**
 * Logs of rankings that know attraction with errors, two random swaps a page: `queries` × `sessions` pages.
 */
export function simulateSessions(
  queries: number,
  sessions: number,
  behaviour: Behaviour,
  noise: number,
  seed: number,
): SimulatedSessions {
  const random = createRandom(seed);
  const log: ClickSession[] = [];
  const attractions = new Map<string, number>();
  for (let query = 0; query < queries; query++) {
    const queryKey = `query ${query}`;
    const items = Array.from({ length: RANKS }, (_, item) => {
      const draw = random.next();
      const attraction = draw < 0.5 ? 0 : draw < 0.75 ? 0.2 : 0.8;
      attractions.set(`${queryKey} ${item}`, noise + (1 - noise) * attraction);
      return { id: `${item}`, attraction, score: attraction + random.next() };
    });
    items.sort((left, right) => right.score - left.score);
    for (let session = 0; session < sessions; session++) {
      const shown = [...items];
      for (let swap = 0; swap < 2; swap++) {
        const [slot, other] = [random.integer(PAGE), random.integer(RANKS)];
        const kept = shown[slot]!;
        shown[slot] = shown[other]!;
        shown[other] = kept;
      }
      const page = shown.slice(0, PAGE);
      const { clicked } = look(
        behaviour,
        page.map(({ attraction }) => attraction),
        random,
        { noise },
      );
      const clicks = page.map((_, index) => clicked.includes(index));
      log.push({ queryKey, itemIds: page.map(({ id }) => id), clicks, firstPosition: 1, weight: 1 });
    }
  }
  return { sessions: log, attractionOf: (queryKey, itemId) => attractions.get(`${queryKey} ${itemId}`)! };
}
