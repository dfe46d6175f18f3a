/**
 * A batch that memory does not hold at once, in chunks (GradCache): what the whole batch would need, what the chunks need, and
 * what was really used.
 *   node bench/training-cached.ts [--pairs 1024] [--chunk 64] [--tokens 10] [--minilm <folder>]
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { table } from '../demo/table.ts';
import { GraphBuilder } from '../src/foundation/onnx/graph/graph-builder.ts';
import { createOptimizer } from '../src/foundation/onnx/optimizers/create-optimizer.ts';
import { ParameterStore } from '../src/foundation/onnx/optimizers/parameter-store.ts';
import { infoNce } from '../src/learning/training/losses/info-nce.ts';
import { type ChunkTower, compileCachedStep } from '../src/learning/training/step/compile-cached-step.ts';
import { compileStep } from '../src/learning/training/step/compile-step.ts';
import { sharedFolder } from '../test/support/shared.ts';
import { TEMPERATURE } from './support/training/encoder-case.ts';
import { iconPairs } from './support/training/icon-pairs.ts';
import { openEncoder } from './support/training/open-encoder.ts';
import type { Feeds } from './support/training/training-case.ts';

const shared = sharedFolder();
const { values: options } = parseArgs({
  options: {
    pairs: { type: 'string', default: '1024' },
    chunk: { type: 'string', default: '64' },
    tokens: { type: 'string', default: '10' },
    minilm: { type: 'string', default: shared === null ? '' : join(shared, 'models', 'minilm') },
  },
});
const [pairs, chunk, tokens] = [Number(options.pairs), Number(options.chunk), Number(options.tokens)];
if (!existsSync(options.minilm)) {
  console.log('skipped: no model folder (--minilm)');
  process.exit(0);
}

const { tower, trainable, dims, feeds } = await openEncoder(options.minilm);
const store = new ParameterStore();

const whole = new GraphBuilder();
const queries = await tower.add(whole, 'queries', dims(pairs, tokens));
const items = await tower.add(whole, 'items', dims(pairs, tokens));
const wholeLoss = infoNce(whole, { queries, items, temperature: TEMPERATURE });
const step = await compileStep({ builder: whole, loss: wholeLoss, store, trainable });
const wholeBytes = step.memoryBytes;
await step.dispose();

const top = new GraphBuilder();
const vectors = {
  queries: top.input('queries', 'float32', [pairs, 384]),
  items: top.input('items', 'float32', [pairs, 384]),
};
const chunkTower = await towerOfChunk();
const cached = await compileCachedStep({
  towers: { queries: chunkTower, items: chunkTower },
  loss: { builder: top, loss: infoNce(top, { ...vectors, temperature: TEMPERATURE }) },
  store,
  trainable,
});
const optimizer = createOptimizer(store, { kind: 'adamw', learningRate: 1e-4, clipNorm: 1 });
const beforeBytes = process.memoryUsage.rss();
const rows: string[][] = [];
for (const [place, texts] of (await iconPairs(pairs, pairs, 2)).entries()) {
  const chunks = { queries: chunksOf('query', texts.queries), items: chunksOf('item', texts.items) };
  const began = performance.now();
  const { loss } = await cached.run({ chunks });
  optimizer.apply(place);
  rows.push([
    String(place + 1),
    loss.toFixed(4),
    ((performance.now() - began) / 1000).toFixed(1),
    megabytes(wholeBytes),
    megabytes(cached.memoryBytes),
    megabytes(store.memoryBytes),
    megabytes(process.resourceUsage().maxRSS * 1024 - beforeBytes),
  ]);
}
console.log(`${pairs} queries × ${pairs} items of ${tokens} tokens, in chunks of ${chunk}`);
console.log(
  table(
    ['step', 'loss', 'seconds', 'whole batch: MB said', 'chunks: MB said', 'weights: MB said', 'used by the steps, MB'],
    rows,
  ),
);

async function towerOfChunk(): Promise<ChunkTower> {
  const builder = new GraphBuilder();
  return { builder, vectors: await tower.add(builder, 'text', dims(chunk, tokens)) };
}

function chunksOf(side: 'query' | 'item', texts: readonly string[]): Feeds[] {
  return Array.from({ length: pairs / chunk }, (_, place) => {
    const fed = feeds(side, texts.slice(place * chunk, (place + 1) * chunk), tokens);
    return Object.fromEntries(Object.entries(fed).map(([name, tensor]) => [`text.${name}`, tensor]));
  });
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(0);
}
