/**
 * Whether intervals keep their promise: coverage of the bootstrap's three readings for differences of several shapes, and how often the
 * always-valid statistics raise a false alarm when they are looked at after every value, beside a test that is not made for that.
 *   node bench/intervals.ts [--samples 2000] [--streams 1000] [--length 5000]
 */
import { parseArgs } from 'node:util';
import { table } from '../demo/table.ts';
import { createRandom, type Random } from '../src/foundation/core/random.ts';
import { type BootstrapMethod, bootstrap } from '../src/learning/evaluation/bootstrap.ts';
import { BettingSequence } from '../src/learning/evaluation/sequential/betting-sequence.ts';
import {
  addTo,
  differenceSequence,
  meanSequence,
  NO_MOMENTS,
} from '../src/learning/evaluation/sequential/normal-mixture.ts';
import { alwaysValidSign } from '../src/learning/evaluation/sequential/sign-mixture.ts';
import { sampleRatio } from '../src/learning/evaluation/statistics/sample-ratio.ts';

const { values: options } = parseArgs({
  options: {
    samples: { type: 'string', default: '2000' },
    streams: { type: 'string', default: '1000' },
    length: { type: 'string', default: '5000' },
  },
});
const samples = Number(options.samples);
const streams = Number(options.streams);
const length = Number(options.length);

const gaussian = (random: Random): number =>
  Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());

interface Shape {
  readonly name: string;
  readonly draw: (random: Random) => number;
  readonly mean: number;
}
const SHAPES: readonly Shape[] = [
  { name: 'normal', draw: gaussian, mean: 0 },
  { name: 'exponential', draw: (random) => -Math.log(1 - random.next()), mean: 1 },
  { name: 'log-normal', draw: (random) => Math.exp(gaussian(random)), mean: Math.exp(0.5) },
  {
    // As differences of nDCG come: most queries unchanged, some much better, some a little worse.
    name: 'nDCG-like: 60 % unchanged',
    draw: (random) => {
      const which = random.next();
      return which < 0.6 ? 0 : which < 0.85 ? random.next() ** 2 : -0.5 * random.next() ** 3;
    },
    mean: 0.25 / 3 - (0.15 * 0.5) / 4,
  },
  {
    name: 'nDCG-like: 90 % unchanged, the rest better',
    draw: (random) => (random.next() < 0.1 ? random.next() : 0),
    mean: 0.05,
  },
];
const METHODS: readonly BootstrapMethod[] = ['percentile', 'bca', 'studentised'];
const coverageRows = SHAPES.flatMap(({ name, draw, mean }) =>
  [30, 50, 75, 100, 300].map((count) => {
    const covered = METHODS.map(() => 0);
    const random = createRandom(count);
    for (let sample = 0; sample < samples; sample++) {
      const values = Array.from({ length: count }, () => draw(random));
      METHODS.forEach((method, index) => {
        const { low, high } = bootstrap(values, { seed: sample, resamples: 600, method });
        if (low <= mean && mean <= high) covered[index]!++;
      });
    }
    return [name, String(count), ...covered.map((hits) => `${((100 * hits) / samples).toFixed(1)} %`)];
  }),
);
console.log(`coverage of 95 % intervals, ${samples} samples each`);
console.log(table(['differences', 'queries', ...METHODS], coverageRows));

/** Share of the streams that ever raise an alarm. */
function alarms(makeStream: (random: Random) => () => boolean): string {
  let raised = 0;
  for (let stream = 0; stream < streams; stream++) {
    const next = makeStream(createRandom(stream + 1));
    for (let step = 0; step < length; step++) {
      if (!next()) continue;
      raised++;
      break;
    }
  }
  return `${((100 * raised) / streams).toFixed(1)} %`;
}

const peekingRows = [
  [
    'wins against losses: mixture SPRT',
    alarms((random) => {
      let [wins, losses] = [0, 0];
      return () => {
        if (random.next() < 0.5) wins++;
        else losses++;
        return alwaysValidSign(wins, losses).pValue <= 0.05;
      };
    }),
  ],
  [
    'mean of exponential values: normal mixture',
    alarms((random) => {
      let moments = NO_MOMENTS;
      return () => {
        moments = addTo(moments, -Math.log(1 - random.next()));
        const { low, high } = meanSequence(moments);
        return low > 1 || high < 1;
      };
    }),
  ],
  [
    'difference of two arms, 9 : 1: normal mixture',
    alarms((random) => {
      let [served, candidate] = [NO_MOMENTS, NO_MOMENTS];
      return () => {
        const value = random.next() < 0.3 ? 1 : 0;
        if (random.next() < 0.9) served = addTo(served, value);
        else candidate = addTo(candidate, value);
        const { low, high } = differenceSequence(served, candidate);
        return low > 0 || high < 0;
      };
    }),
  ],
  [
    'bounded differences: betting',
    alarms((random) => {
      const sequence = new BettingSequence({ lower: -1, upper: 1, gridSteps: 200 });
      return () => {
        const { low, high } = sequence.observe(random.next() < 0.6 ? 0 : (random.next() - 0.5) * 2);
        return low > 0 || high < 0;
      };
    }),
  ],
  [
    'sample ratio, 50 : 30 : 20, alarm at .05 instead of .001',
    alarms((random) => {
      const counts = [0, 0, 0];
      return () => {
        const draw = random.next();
        counts[draw < 0.5 ? 0 : draw < 0.8 ? 1 : 2]!++;
        return sampleRatio(counts, [0.5, 0.3, 0.2]).alwaysValidPValue <= 0.05;
      };
    }),
  ],
  [
    'for comparison: z-test after every value',
    alarms((random) => {
      let moments = NO_MOMENTS;
      return () => {
        moments = addTo(moments, random.next() - 0.5);
        const error = Math.sqrt(moments.squares / (moments.count - 1) / moments.count);
        return moments.count >= 100 && Math.abs(moments.mean) > 1.96 * error;
      };
    }),
  ],
];
console.log(`\nfalse alarms at 5 % when looked at after each of ${length} values, ${streams} streams`);
console.log(table(['statistic', 'streams with a false alarm'], peekingRows));
