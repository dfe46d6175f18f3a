import type { ArmResult, EvaluationResult } from '../../../learning/evaluation/offline/evaluation-result.ts';

/** One table per metric: means with intervals, differences to the first arm with intervals and p-values. */
export function resultTable({ arms, metrics, queries, judgments, warnings }: EvaluationResult): string {
  const tables = metrics.map((metric) =>
    aligned([[metric, 'mean', '95 %', 'difference', '95 %', 'p adjusted'], ...arms.map((arm) => rowOf(arm, metric))]),
  );
  const moved = arms.flatMap(({ name, movement }) =>
    movement === null
      ? []
      : [`${name}: ${movement.better} queries better, ${movement.worse} worse, ${movement.same} as before`],
  );
  const harmed = arms.flatMap(({ name, movement }) =>
    (movement?.slices ?? [])
      .filter((slice) => slice.harmed)
      .map((slice) => `${name} is worse for the part "${slice.name}" (${slice.queries} queries)`),
  );
  return [
    `${queries} queries, ${judgments} judgments`,
    ...tables,
    [...moved, ...harmed, ...warnings.map((warning) => `Note: ${warning}`)].join('\n'),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

function rowOf({ name, metrics }: ArmResult, metric: string): string[] {
  const figures = metrics[metric];
  if (figures === undefined) return [name];
  const { mean, low, high, difference } = figures;
  const own = [name, mean.toFixed(4), `${low.toFixed(4)} to ${high.toFixed(4)}`];
  if (difference === null) return own;
  return [
    ...own,
    signed(difference.mean),
    `${signed(difference.low)} to ${signed(difference.high)}`,
    difference.adjusted < 0.001 ? '< 0.001' : difference.adjusted.toFixed(3),
  ];
}

const signed = (value: number): string => `${value > 0 ? '+' : ''}${value.toFixed(4)}`;

function aligned(rows: ReadonlyArray<readonly string[]>): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
