import { normalized } from '../src/foundation/core/math.ts';
import { createRandom } from '../src/foundation/core/random.ts';

const TOPICS = 25;
const TOPIC_SPREAD = 0.8;
const CLUSTER_SPREAD = 0.7;

export interface ClusteredVectors {
  readonly centres: readonly Float32Array[];
  /** The next vector and the cluster it belongs to. */
  draw(): { readonly vector: Float32Array; readonly cluster: number };
}

/**
 * Unit vectors in clusters that lie in wider topics, as catalogues do. The noise falls off with the dimension like the
 * spectrum of sentence embeddings (variance of dimension j about 1 / j): noise of full dimension would make all members of a
 * cluster equally far apart, which no catalogue is.
 */
export function clusteredVectors(seed: number, dimensions: number, clusters: number): ClusteredVectors {
  const random = createRandom(seed);
  const gauss = (): number => Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
  const spectrum = Float64Array.from({ length: dimensions }, (_, j) => 1 / Math.sqrt(1 + j));
  const length = Math.sqrt(spectrum.reduce((sum, value) => sum + value * value, 0));
  const around = (centre: Float32Array, spread: number): Float32Array =>
    normalized(centre.map((value, j) => value + ((spread * (spectrum[j] as number)) / length) * gauss()));
  const topics = Array.from({ length: TOPICS }, () => around(new Float32Array(dimensions), 1));
  const centres = Array.from({ length: clusters }, (_, c) => around(topics[c % TOPICS] as Float32Array, TOPIC_SPREAD));
  return {
    centres,
    draw() {
      const cluster = random.integer(clusters);
      return { cluster, vector: around(centres[cluster] as Float32Array, CLUSTER_SPREAD) };
    },
  };
}
