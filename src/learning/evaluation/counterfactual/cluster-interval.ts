import { type BootstrapOptions, bootstrap, type Interval } from '../bootstrap.ts';
import { mean } from '../metrics.ts';

/**
 * Interval of a mean of values that come in clusters, such as searches of one query: clusters are resampled, not values. The mean is
 * linearised about its value, so clusters may differ in size.
 */
export function clusterInterval(
  values: readonly number[],
  clusters: readonly string[],
  options: BootstrapOptions = {},
): Interval {
  const centre = mean(values);
  const sums = new Map<string, number>();
  values.forEach((value, index) => {
    const cluster = clusters[index] as string;
    sums.set(cluster, (sums.get(cluster) ?? 0) + (value - centre));
  });
  const deviations = [...sums.values()].map((sum) => (sum * sums.size) / values.length);
  const { low, high } = bootstrap(deviations, options);
  return { mean: centre, low: centre + low, high: centre + high };
}
