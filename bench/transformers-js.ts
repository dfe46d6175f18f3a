/**
 * A trained model folder beside the one it came from, read by transformers.js: its vectors against the product's own.
 *   mkdir peer && npm --prefix peer install @huggingface/transformers
 *   TRANSFORMERS_JS=peer node bench/transformers-js.ts
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { table } from '../demo/table.ts';
import { trainModel } from '../src/learning/training/train-model.ts';
import { ModelRegistry } from '../src/serving/models/model-registry.ts';

/** What is used of transformers.js. */
interface Peer {
  readonly env: { localModelPath: string; allowRemoteModels: boolean };
  pipeline(
    task: 'feature-extraction',
    model: string,
    options: { subfolder: string; model_file_name: string; dtype: 'fp32'; session_options: object },
  ): Promise<(texts: string[], options: object) => Promise<{ tolist(): number[][] }>>;
}

const TEXTS = ['a red mug', 'Ein grüner Becher', 'wireless noise cancelling headphones', '日本 tea set', 'x'];
const starter = fileURLToPath(new URL('../models/starter', import.meta.url));

const folder = process.env.TRANSFORMERS_JS;
if (folder === undefined) {
  console.log('skipped: no TRANSFORMERS_JS, a folder in which @huggingface/transformers is installed');
} else {
  const entry = createRequire(join(resolve(folder), 'package.json')).resolve('@huggingface/transformers');
  await compare((await import(pathToFileURL(entry).href)) as Peer);
}

async function compare(peer: Peer): Promise<void> {
  const work = await mkdtemp(join(tmpdir(), 'transformers-js-'));
  const trained = join(work, 'trained');
  await trainModel({
    model: starter,
    out: trained,
    recipe: { kind: 'encoder' },
    data: { kind: 'pairs', pairs: TEXTS.map((text, index) => ({ query: text, item: `thing number ${index}` })) },
    settings: { steps: 5, batch: 4, items: 4 },
  });
  const registry = new ModelRegistry({ folder: work });
  const rows: string[][] = [];
  for (const model of [starter, trained]) {
    peer.env.localModelPath = dirname(model);
    peer.env.allowRemoteModels = false;
    const extract = await peer.pipeline('feature-extraction', basename(model), {
      subfolder: '',
      model_file_name: 'encoder',
      dtype: 'fp32',
      // Without it onnxruntime rounds activations too where weights are stored as int8; see encoders/graph-session.ts.
      session_options: { extra: { session: { disable_quant_qdq: '1' } } },
    });
    // One text at a time: transformers.js pads a batch without the product's buckets, which changes nothing but the last digits.
    const theirs: number[][] = [];
    for (const text of TEXTS) theirs.push(...(await extract([text], { pooling: 'mean', normalize: true })).tolist());
    const encoder = await registry.encoder(model);
    const ours = await encoder.encodeQueries(TEXTS.map((text) => ({ text })));
    const differences = theirs.flatMap((vector, row) =>
      vector.map((value, column) => Math.abs(value - (ours[row]?.[column] ?? Number.NaN))),
    );
    rows.push([basename(model), String(TEXTS.length), Math.max(...differences).toExponential(1)]);
  }
  console.log(table(['model', 'texts', 'largest difference of a coordinate'], rows));
  await registry.close();
  await rm(work, { recursive: true });
}
