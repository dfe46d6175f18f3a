import type { ClickModel } from './click-model.ts';
import type { ClickSession } from './click-session.ts';
import { lastClick } from './click-session.ts';
import { type PageBelief, readPage } from './dynamic-bayesian-page.ts';
import type { PriorOptions } from './naive.ts';
import { ScanModel } from './scan-model.ts';
import { type ScanCounts, ScanTable } from './scan-table.ts';

export interface DynamicBayesianOptions extends PriorOptions {
  readonly rounds?: number;
}

/**
 * Dynamic Bayesian network (Chapelle and Zhang 2009): people look from the top; a click satisfies with a chance of its own, and whoever is
 * not satisfied goes on with chance γ. Fitted by expectation-maximisation, with exact beliefs about the looks after the
 * last click.
 */
export const dynamicBayesian = ({ prior = 'learned', rounds = 30 }: DynamicBayesianOptions = {}): ClickModel => ({
  name: 'dynamic-bayesian',
  fit(sessions) {
    let table = simplifiedCounts(sessions);
    let continuation = 0.9;
    for (let round = 0; round < rounds; round++) {
      const next = new ScanTable();
      let continued = 0;
      let free = 0;
      for (const session of sessions) {
        const belief = readPage(session, (itemId) => table.rates(session.queryKey, itemId), continuation);
        addBelief(next, session, belief);
        continued += session.weight * belief.continued;
        free += session.weight * belief.free;
      }
      table = next;
      // One pseudo-observation on either side keeps γ off 0 and 1, from which EM does not return.
      continuation = (continued + 1) / (free + 2);
    }
    return new ScanModel('dynamic-bayesian', table, { continuation, prior });
  },
});

/**
 * The simplified network (γ = 1): all that stands above the last click was looked at, everything on a page without clicks, and the last
 * click satisfied. In closed form.
 */
export const simplifiedDynamicBayesian = ({ prior = 'learned' }: PriorOptions = {}): ClickModel => ({
  name: 'simplified-dynamic-bayesian',
  fit: (sessions) =>
    new ScanModel('simplified-dynamic-bayesian', simplifiedCounts(sessions), { continuation: 1, prior }),
});

/**
 * Cascade model (Craswell et al. 2008): people look from the top and leave with the first click, which always satisfies. What follows it
 * is not counted.
 */
export const cascade = ({ prior = 'learned' }: PriorOptions = {}): ClickModel => ({
  name: 'cascade',
  fit(sessions) {
    const table = new ScanTable();
    for (const session of sessions) {
      const first = session.clicks.indexOf(true);
      const end = first === -1 ? session.itemIds.length : first + 1;
      for (let index = 0; index < session.itemIds.length; index++)
        table.add(session, index, looksAt(session, index, index < end, index === first));
    }
    return new ScanModel('cascade', table, { continuation: 1, satisfaction: 1, prior });
  },
});

function simplifiedCounts(sessions: readonly ClickSession[]): ScanTable {
  const table = new ScanTable();
  for (const session of sessions) {
    const last = lastClick(session);
    const end = last === -1 ? session.itemIds.length : last + 1;
    for (let index = 0; index < session.itemIds.length; index++)
      table.add(session, index, looksAt(session, index, index < end, index === last));
  }
  return table;
}

const looksAt = ({ clicks }: ClickSession, index: number, isLooked: boolean, isSatisfied: boolean): ScanCounts => ({
  looked: isLooked ? 1 : 0,
  clicked: isLooked && clicks[index] === true ? 1 : 0,
  satisfied: isSatisfied ? 1 : 0,
});

function addBelief(table: ScanTable, session: ClickSession, belief: PageBelief): void {
  session.itemIds.forEach((_, index) => {
    table.add(session, index, {
      looked: belief.looked[index]!,
      clicked: session.clicks[index] === true ? 1 : 0,
      satisfied: belief.satisfied[index]!,
    });
  });
}
