import { describe, it } from 'vitest';
import { createRandom } from '../../../src/foundation/core/random.ts';
import { anchorToBase } from '../../../src/learning/training/losses/anchor-to-base.ts';
import { similarities } from '../../../src/learning/training/losses/arithmetic.ts';
import {
  distillCosine,
  distillDivergence,
  distillMeanSquared,
} from '../../../src/learning/training/losses/distillation.ts';
import { coSent, cosineMeanSquared } from '../../../src/learning/training/losses/graded-similarity.ts';
import { infoNce, learnedScale } from '../../../src/learning/training/losses/info-nce.ts';
import { listwiseSoftmax } from '../../../src/learning/training/losses/listwise-softmax.ts';
import { marginRanking } from '../../../src/learning/training/losses/margin-ranking.ts';
import { matryoshka } from '../../../src/learning/training/losses/matryoshka.ts';
import { gaussian } from '../../../src/learning/training/trainables/gaussian.ts';
import { checkLoss } from './support/loss-check.ts';

const random = createRandom(11);
const rowsOf = (count: number, width: number): number[][] =>
  Array.from({ length: count }, () => [...gaussian(width, 1, random)]);
const unit = (row: readonly number[]): number[] => row.map((value) => value / Math.hypot(...row));
const units = (count: number, width: number): number[][] => rowsOf(count, width).map(unit);
const dot = (left: readonly number[], right: readonly number[]): number =>
  left.reduce((sum, value, at) => sum + value * (right[at] as number), 0);
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const mean = (values: readonly number[]): number => sum(values) / values.length;
const products = (left: readonly number[][], right: readonly number[][]): number[][] =>
  left.map((row) => right.map((other) => dot(row, other)));
/** −log of a candidate's share in a softmax. */
const surprise = (logits: readonly number[], right: number): number =>
  -Math.log(Math.exp(logits[right] as number) / sum(logits.map(Math.exp)));
const column = (matrix: readonly number[][], at: number): number[] => matrix.map((row) => row[at] as number);

describe('InfoNCE', () => {
  const queries = units(4, 6);
  const items = units(7, 6);
  const weights = [1, 0.5, 2, 1];
  const exclusions = queries.map((_, row) =>
    items.map((_, place) => (place !== row && (row + place) % 4 === 1 ? -1e4 : 0)),
  );
  const temperature = 0.2;

  const plainLoss = (
    q: number[][],
    d: number[][],
    w: number[],
    x: number[][],
    scale: number,
    both: boolean,
  ): number => {
    const logits = products(q, d).map((row, at) =>
      row.map((value, place) => scale * value + (x[at]?.[place] as number)),
    );
    const each = q.map((_, at) => {
      const forQuery = surprise(logits[at] as number[], at);
      return both ? (forQuery + surprise(column(logits, at), at)) / 2 : forQuery;
    });
    return sum(each.map((value, at) => value * (w[at] as number))) / sum(w);
  };

  it('is the weighted mean of both directions, what is known to be right masked', () =>
    checkLoss({
      inputs: { queries, items, weights, exclusions },
      by: ['queries', 'items'],
      build: (builder, { queries, items, weights, exclusions }) =>
        infoNce(builder, { queries: queries!, items: items!, temperature, weights: weights!, exclusions: exclusions! }),
      formula: ({ queries, items, weights, exclusions }) =>
        plainLoss(queries!, items!, weights![0]!, exclusions!, 1 / temperature, true),
    }));

  it('asks for items alone when it shall not be symmetric', () =>
    checkLoss({
      inputs: { queries, items },
      by: ['queries', 'items'],
      build: (builder, { queries, items }) =>
        infoNce(builder, { queries: queries!, items: items!, temperature, symmetric: false }),
      formula: ({ queries, items }) =>
        plainLoss(
          queries!,
          items!,
          [1, 1, 1, 1],
          exclusions.map((row) => row.map(() => 0)),
          1 / temperature,
          false,
        ),
    }));

  it('learns its temperature', () =>
    checkLoss({
      inputs: { queries, items, logScale: [Math.log(5)] },
      by: ['queries', 'logScale'],
      build: (builder, { queries, items, logScale }) =>
        infoNce(builder, {
          queries: queries!,
          items: items!,
          temperature: { scale: learnedScale(builder, logScale!) },
        }),
      formula: ({ queries, items, logScale }) =>
        plainLoss(
          queries!,
          items!,
          [1, 1, 1, 1],
          exclusions.map((row) => row.map(() => 0)),
          Math.exp(logScale![0]![0]!),
          true,
        ),
    }));

  it('does not overflow with a sharp temperature', () =>
    checkLoss({
      inputs: { queries, items },
      by: ['queries'],
      build: (builder, { queries, items }) => infoNce(builder, { queries: queries!, items: items!, temperature: 0.01 }),
      formula: ({ queries, items }) =>
        plainLoss(
          queries!,
          items!,
          [1, 1, 1, 1],
          exclusions.map((row) => row.map(() => 0)),
          100,
          true,
        ),
    }));
});

describe('margin ranking', () => {
  it('is the weighted mean of what the lead lacks', () =>
    checkLoss({
      inputs: { better: [0.8, 0.1, 0.5, 0.32], worse: [0.1, 0.3, 0.45, 0.1], weights: [1, 2, 0.5, 3] },
      by: ['better', 'worse'],
      build: (builder, { better, worse, weights }) =>
        marginRanking(builder, { better: better!, worse: worse!, margin: 0.2, weights: weights! }),
      formula: ({ better, worse, weights }) =>
        sum(better![0]!.map((value, at) => weights![0]![at]! * Math.max(0, 0.2 - (value - worse![0]![at]!)))) /
        sum(weights![0]!),
    }));
});

describe('listwise softmax', () => {
  it('is the cross-entropy between graded gains and the softmax of scores', () =>
    checkLoss({
      inputs: {
        scores: rowsOf(3, 5),
        gains: [
          [3, 0, 1, 0, 0],
          [0, 1, 0, 0, 0],
          [1, 1, 2, 0, 4],
        ],
        exclusions: [
          [0, 0, 0, -1e4, 0],
          [0, 0, 0, 0, 0],
          [0, 0, 0, -1e4, 0],
        ],
        weights: [1, 2, 0.5],
      },
      by: ['scores'],
      build: (builder, { scores, gains, exclusions, weights }) =>
        listwiseSoftmax(builder, {
          scores: scores!,
          gains: gains!,
          temperature: 0.5,
          exclusions: exclusions!,
          weights: weights!,
        }),
      formula: ({ scores, gains, exclusions, weights }) => {
        const each = scores!.map((row, at) => {
          const logits = row.map((value, place) => value / 0.5 + exclusions![at]![place]!);
          const total = sum(gains![at]!);
          return sum(gains![at]!.map((gain, place) => (gain === 0 ? 0 : (gain / total) * surprise(logits, place))));
        });
        return sum(each.map((value, at) => value * weights![0]![at]!)) / sum(weights![0]!);
      },
    }));
});

describe('distillation', () => {
  const student = units(4, 5);
  const teacher = units(4, 5);

  it('by mean squared difference', () =>
    checkLoss({
      inputs: { student, teacher },
      by: ['student'],
      build: (builder, { student, teacher }) => distillMeanSquared(builder, { student: student!, teacher: teacher! }),
      formula: ({ student, teacher }) =>
        mean(student!.flatMap((row, at) => row.map((value, i) => (value - teacher![at]![i]!) ** 2))),
    }));

  it('by divergence of the similarities to the rest of the batch', () =>
    checkLoss({
      inputs: { student, teacher },
      by: ['student'],
      build: (builder, { student, teacher }) =>
        distillDivergence(builder, { student: student!, teacher: teacher! }, 0.3),
      formula: ({ student, teacher }) => {
        const shares = (vectors: number[][]): number[][] =>
          products(vectors, vectors).map((row, at) => {
            const powers = row.map((value, other) => (other === at ? 0 : Math.exp(value / 0.3)));
            return powers.map((power) => power / sum(powers));
          });
        const [own, wanted] = [shares(student!), shares(teacher!)];
        const each = wanted.map((row, at) =>
          sum(row.map((share, other) => (share === 0 ? 0 : share * Math.log(share / own[at]![other]!)))),
        );
        return 0.3 ** 2 * mean(each);
      },
    }));

  it('by cosine and by the matrix of cosines, as the starter was made', () =>
    checkLoss({
      inputs: { student, teacher },
      by: ['student'],
      build: (builder, { student, teacher }) => distillCosine(builder, { student: student!, teacher: teacher! }),
      formula: ({ student, teacher }) => {
        const [own, wanted] = [products(student!, student!), products(teacher!, teacher!)];
        const structure = mean(own.flatMap((row, at) => row.map((value, other) => (value - wanted[at]![other]!) ** 2)));
        return 1 - mean(student!.map((row, at) => dot(row, teacher![at]!))) + 10 * structure;
      },
    }));
});

describe('Matryoshka', () => {
  it('asks the loss of prefixes of length 1', () =>
    checkLoss({
      inputs: { left: units(3, 6), right: units(3, 6) },
      by: ['left', 'right'],
      build: (builder, { left, right }) =>
        matryoshka(
          builder,
          [left!, right!],
          [
            { dimensions: 6, weight: 1 },
            { dimensions: 3, weight: 0.5 },
          ],
          ([queries, items]) =>
            infoNce(builder, { queries: queries!, items: items!, temperature: 0.3, symmetric: false }),
        ),
      formula: ({ left, right }) => {
        const loss = (queries: number[][], items: number[][]): number =>
          mean(
            products(queries, items).map((row, at) =>
              surprise(
                row.map((value) => value / 0.3),
                at,
              ),
            ),
          );
        const cut = (rows: number[][]): number[][] => rows.map((row) => unit(row.slice(0, 3)));
        return loss(left!, right!) + 0.5 * loss(cut(left!), cut(right!));
      },
    }));
});

describe('the anchor to the base model', () => {
  it('is the mean squared distance of vectors', () =>
    checkLoss({
      inputs: { vectors: rowsOf(3, 4), base: rowsOf(3, 4) },
      by: ['vectors'],
      build: (builder, { vectors, base }) => anchorToBase(builder, vectors!, base!, 0.1),
      formula: ({ vectors, base }) =>
        0.1 * mean(vectors!.map((row, at) => sum(row.map((value, i) => (value - base![at]![i]!) ** 2)))),
    }));
});

describe('graded similarity', () => {
  const cosines = [0.9, 0.2, 0.5, -0.1, 0.6];
  const scores = [0.8, 0.8, 0.1, 0.4, 1];

  it('CoSENT asks for the order of the scores alone', () =>
    checkLoss({
      inputs: { cosines, scores },
      by: ['cosines'],
      build: (builder, { cosines, scores }) => coSent(builder, { cosines: cosines!, scores: scores! }),
      formula: ({ cosines, scores }) => {
        const terms = scores![0]!.flatMap((high, i) =>
          scores![0]!.flatMap((low, j) => (high > low ? [Math.exp(20 * (cosines![0]![j]! - cosines![0]![i]!))] : [])),
        );
        return Math.log(1 + sum(terms));
      },
    }));

  it('the squared error asks for the scores themselves', () =>
    checkLoss({
      inputs: { cosines, scores },
      by: ['cosines'],
      build: (builder, { cosines, scores }) => cosineMeanSquared(builder, { cosines: cosines!, scores: scores! }),
      formula: ({ cosines, scores }) => mean(cosines![0]!.map((value, at) => (value - scores![0]![at]!) ** 2)),
    }));

  it('both take cosines from a batch of vectors', () =>
    checkLoss({
      inputs: { left: units(3, 4), right: units(3, 4) },
      by: ['left'],
      build: (builder, { left, right }) =>
        builder.reduce('ReduceSum', similarities(builder, left!, right!), [0, 1], false),
      formula: ({ left, right }) => sum(products(left!, right!).flat()),
    }));
});
