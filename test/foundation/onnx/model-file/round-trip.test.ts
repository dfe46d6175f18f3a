import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { Model } from '../../../../src/foundation/onnx/graph/graph.ts';
import { decodeModel } from '../../../../src/foundation/onnx/model-file/decode-model.ts';
import { readModel } from '../../../../src/foundation/onnx/model-file/read-model.ts';
import { writeModel } from '../../../../src/foundation/onnx/model-file/write-model.ts';
import { evaluate } from '../../../../src/foundation/onnx/session/open-session.ts';
import { describeWithShared } from '../../../support/shared.ts';
import { feedsFor, largestDifference } from '../support/feeds.ts';

const own = fileURLToPath(new URL('../../../../models', import.meta.url));

async function survives(file: string): Promise<void> {
  const bytes = await readFile(file);
  const written = writeModel(await readModel(file));
  expect(written.length).toBe(bytes.length);
  expect(Buffer.compare(bytes, written)).toBe(0);
  const fromMemory = writeModel(decodeModel(new Uint8Array(bytes)));
  expect(Buffer.compare(bytes, fromMemory)).toBe(0);
}

describe('a model file read and written again', () => {
  it.each(['starter', 'starter-image'])('has the same bytes: %s', async (name) => {
    await survives(path.join(own, name, 'encoder.onnx'));
  });

  it('gives the same outputs when nodes and weights are written from scratch', async () => {
    const model = await readModel(path.join(own, 'starter', 'encoder.onnx'));
    const feeds = feedsFor(model.graph.inputs, { input_ids: [2, 9], attention_mask: [2, 9] });
    const expected = await evaluate(writeModel(model), feeds);
    const found = await evaluate(writeModel(fromScratch(model)), feeds);
    expect(largestDifference(expected, found)).toBe(0);
  });
});

describeWithShared('a reference model read and written again', (shared) => {
  it.each(['starter', 'starter-image', 'minilm', 'minilm-int8'])('has the same bytes: %s', async (name) => {
    await survives(path.join(shared, 'models', name, 'encoder.onnx'));
  });
});

/** The same model without what is kept of the file. */
function fromScratch({ irVersion, opsets, producer, metadata, graph }: Model): Model {
  return {
    irVersion,
    opsets,
    producer,
    metadata,
    graph: {
      name: graph.name,
      nodes: graph.nodes.map(({ name, op, domain, inputs, outputs, attributes }) => {
        const copied = Object.fromEntries(Object.entries(attributes).map(([key, value]) => [key, { ...value }]));
        return { name, op, domain, inputs, outputs, attributes: copied };
      }),
      initializers: new Map(
        Array.from(graph.initializers, ([name, { type, dims, data }]) => [name, { type, dims, data }]),
      ),
      inputs: graph.inputs.map(({ name, type, shape }) => ({ name, type, shape })),
      outputs: graph.outputs.map(({ name, type, shape }) => ({ name, type, shape })),
    },
  };
}
