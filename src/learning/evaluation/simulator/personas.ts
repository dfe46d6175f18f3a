import type { Random } from '../../../foundation/core/random.ts';
import type { Behaviour, LookOptions } from './behaviour.ts';

/** A kind of shopper. */
export interface Persona extends LookOptions {
  readonly name: string;
  /** How many of the shoppers are of this kind, in any unit. */
  readonly share: number;
  readonly behaviour: Behaviour;
  /** Chance to leave before looking at anything. */
  readonly abandonment: number;
  /** Chance that a click on a perfect item leads to the cart. */
  readonly conversion: number;
  /** Label → factor on attraction: above 1 for what this persona prefers. */
  readonly tastes?: Readonly<Record<string, number>>;
}

/** Four ways to shop, none of which a single click model describes. */
export const PERSONAS: readonly Persona[] = [
  {
    name: 'glancing',
    share: 0.5,
    behaviour: { kind: 'position-based', eta: 1 },
    noise: 0.1,
    abandonment: 0.05,
    conversion: 0.2,
  },
  {
    name: 'thorough',
    share: 0.15,
    behaviour: { kind: 'position-based', eta: 0.5 },
    noise: 0.05,
    abandonment: 0,
    conversion: 0.3,
  },
  {
    name: 'hurried',
    share: 0.2,
    behaviour: { kind: 'cascade', satisfaction: 1, continuation: 0.8 },
    noise: 0.1,
    abandonment: 0.15,
    conversion: 0.4,
  },
  {
    name: 'comparing',
    share: 0.15,
    behaviour: { kind: 'dependent-click', continuations: [0.8, 0.7, 0.6, 0.5] },
    noise: 0.1,
    abandonment: 0.05,
    conversion: 0.15,
  },
];

/** One persona, by the shares. */
export function drawPersona(personas: readonly Persona[], random: Random): Persona {
  let left = random.next() * personas.reduce((sum, { share }) => sum + share, 0);
  for (const persona of personas) {
    left -= persona.share;
    if (left < 0) return persona;
  }
  return personas[personas.length - 1] as Persona;
}
