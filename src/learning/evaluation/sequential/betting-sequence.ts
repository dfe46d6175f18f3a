import { StudioError } from '../../../foundation/core/errors.ts';
import type { Interval } from '../bootstrap.ts';

export interface BettingOptions {
  /** Every value lies between these, for example −1 and 1 for differences of nDCG. */
  readonly lower: number;
  readonly upper: number;
  readonly level?: number;
  /** Candidate means between the bounds; the interval is exact to one step of them. */
  readonly gridSteps?: number;
}

/** No bet risks more than this share of the wealth. */
const LARGEST_STAKE = 0.5;

/**
 * Confidence sequence of a bounded mean by betting (Waudby-Smith and Ramdas 2024, "Estimating means of bounded random
 * variables by betting": the hedged capital process with predictable plug-in stakes). For every candidate mean two gamblers bet that the
 * values lie above or below it; a mean whose gamblers multiply their money by 1/α is excluded for good. Valid at all times at once, for
 * any distribution within the bounds, without large numbers. State grows with `gridSteps`, not with the values.
 *
 * @example
 * const sequence = new BettingSequence({ lower: -1, upper: 1 });
 * for (const difference of differences) if (sequence.observe(difference).low > 0) break;
 */
export class BettingSequence {
  readonly #options: Required<BettingOptions>;
  readonly #above: Float64Array;
  readonly #below: Float64Array;
  #low = 0;
  #high: number;
  #count = 0;
  #sum = 0;
  #squares = 0;

  /** @throws StudioError invalid_request when the bounds are not in order */
  constructor(options: BettingOptions) {
    if (!(options.lower < options.upper))
      throw new StudioError('invalid_request', 'A betting sequence needs a lower bound below its upper bound.');
    this.#options = { level: 0.95, gridSteps: 500, ...options };
    this.#above = new Float64Array(this.#options.gridSteps + 1);
    this.#below = new Float64Array(this.#options.gridSteps + 1);
    this.#high = this.#options.gridSteps;
  }

  get interval(): Interval {
    const { gridSteps } = this.#options;
    // Between an excluded candidate and the next one lie means that nobody bet against: the step stays inside.
    const low = this.#toValue(Math.max(0, this.#low - 1) / gridSteps);
    const high = this.#toValue(Math.min(gridSteps, this.#high + 1) / gridSteps);
    const mean = this.#count === 0 ? 0.5 : this.#sum / this.#count;
    return { mean: this.#toValue(mean), low, high };
  }

  /**
   * Takes one more value and returns the interval after it.
   * @throws StudioError invalid_request when the value lies outside the bounds
   */
  observe(value: number): Interval {
    const { lower, upper, level, gridSteps } = this.#options;
    const unit = (value - lower) / (upper - lower);
    if (!(unit >= 0 && unit <= 1))
      throw new StudioError('invalid_request', `The value ${value} does not lie between ${lower} and ${upper}.`);
    const stake = this.#stake();
    const limit = Math.log(2 / (1 - level));
    const isExcluded = (index: number): boolean => Math.max(this.#above[index]!, this.#below[index]!) >= limit;
    for (let index = this.#low; index <= this.#high; index++) {
      const candidate = index / gridSteps;
      const up = Math.min(stake, LARGEST_STAKE / candidate);
      const down = Math.min(stake, LARGEST_STAKE / (1 - candidate));
      this.#above[index]! += Math.log1p(up * (unit - candidate));
      this.#below[index]! += Math.log1p(-down * (unit - candidate));
    }
    while (this.#low < this.#high && isExcluded(this.#low)) this.#low++;
    while (this.#high > this.#low && isExcluded(this.#high)) this.#high--;
    this.#count++;
    this.#sum += unit;
    this.#squares += (unit - (this.#sum + 0.5) / (this.#count + 1)) ** 2;
    return this.interval;
  }

  /** The size of the next bet, from the values so far alone: large while little is known and while they vary little. */
  #stake(): number {
    const next = this.#count + 1;
    const variance = (this.#squares + 0.25) / next;
    return Math.sqrt((2 * Math.log(2 / (1 - this.#options.level))) / (variance * next * Math.log(next + 1)));
  }

  #toValue(unit: number): number {
    return this.#options.lower + unit * (this.#options.upper - this.#options.lower);
  }
}
