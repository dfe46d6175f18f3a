import type { Random } from '../../../foundation/core/random.ts';

/** Chance that a shopper looks at positions 1 to 10; below that nobody looks. Click rates by position as measured on product lists. */
export const EXAMINATION = [0.68, 0.61, 0.48, 0.34, 0.28, 0.2, 0.11, 0.1, 0.08, 0.06] as const;

/**
 * How eyes go down a page:
 * - `position-based` (Richardson et al. 2007): each position is looked at by itself, with chance θ_k = EXAMINATION_k^η; η 0 looks at
 *   everything, 2 at little more than the top.
 * - `cascade` (Craswell et al. 2008): from the top, one after the other; after a click the shopper is done with chance `satisfaction`
 *   (1 in the paper), and goes on otherwise with chance `continuation` (Chapelle and Zhang 2009).
 * - `dependent-click` (Guo et al. 2009): from the top; always on after passing over, and on with chance λ_k after a click at k.
 */
export type Behaviour =
  | { readonly kind: 'position-based'; readonly eta: number }
  | { readonly kind: 'cascade'; readonly satisfaction: number; readonly continuation: number }
  | { readonly kind: 'dependent-click'; readonly continuations: readonly number[] };

export interface Look {
  /** Indexes looked at, best position first. */
  readonly seen: readonly number[];
  /** Indexes clicked; a part of `seen`. */
  readonly clicked: readonly number[];
}

export interface LookOptions {
  /** ε in [0, 1]: with this chance a look becomes a click whatever the item is. */
  readonly noise: number;
  /** A blind shopper ignores the items: attraction is this constant for all of them. The control of every experiment. */
  readonly blindAttraction?: number;
}

/**
 * One shopper looks at one page: P(click | looked at, attraction a) = ε + (1 − ε) · a.
 *
 * @param attractions attraction of each hit in [0, 1], best position first
 */
export function look(behaviour: Behaviour, attractions: readonly number[], random: Random, options: LookOptions): Look {
  const chanceOf = (index: number): number => {
    const attraction = options.blindAttraction ?? (attractions[index] as number);
    return options.noise + (1 - options.noise) * attraction;
  };
  return behaviour.kind === 'position-based'
    ? lookAnywhere(behaviour.eta, attractions.length, chanceOf, random)
    : lookDown(behaviour, attractions.length, chanceOf, random);
}

function lookAnywhere(eta: number, length: number, chanceOf: (index: number) => number, random: Random): Look {
  const seen: number[] = [];
  const clicked: number[] = [];
  for (let index = 0; index < Math.min(length, EXAMINATION.length); index++) {
    if (random.next() >= (EXAMINATION[index] as number) ** eta) continue;
    seen.push(index);
    if (random.next() < chanceOf(index)) clicked.push(index);
  }
  return { seen, clicked };
}

function lookDown(
  behaviour: Exclude<Behaviour, { kind: 'position-based' }>,
  length: number,
  chanceOf: (index: number) => number,
  random: Random,
): Look {
  const seen: number[] = [];
  const clicked: number[] = [];
  for (let index = 0; index < length; index++) {
    seen.push(index);
    const isClicked = random.next() < chanceOf(index);
    if (isClicked) clicked.push(index);
    if (random.next() >= goesOn(behaviour, index, isClicked)) break;
  }
  return { seen, clicked };
}

function goesOn(behaviour: Exclude<Behaviour, { kind: 'position-based' }>, index: number, isClicked: boolean): number {
  if (behaviour.kind === 'cascade') return behaviour.continuation * (isClicked ? 1 - behaviour.satisfaction : 1);
  const { continuations } = behaviour;
  return isClicked ? (continuations[Math.min(index, continuations.length - 1)] ?? 0) : 1;
}

/** Indexes of the hits that a position-based shopper (η 1) clicks. */
export const clicksOf = (attractions: readonly number[], random: Random, options: LookOptions): readonly number[] =>
  look({ kind: 'position-based', eta: 1 }, attractions, random, options).clicked;
