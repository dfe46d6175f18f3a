import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { float32 } from '../../../../src/foundation/onnx/graph/tensor.ts';
import { readModel } from '../../../../src/foundation/onnx/model-file/read-model.ts';
import { writeModel, writeModelFile } from '../../../../src/foundation/onnx/model-file/write-model.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';
import { input, node, smallModel } from '../support/small-model.ts';

const model = smallModel({
  nodes: [node('Add', ['x', 'w'], ['y'])],
  inputs: [input('x', [2])],
  outputs: ['y'],
  initializers: { w: float32([2], [1, 2]) },
});

describe('a model written to a file', () => {
  it('can be read again, and leaves nothing else behind', async () => {
    const folder = await temporaryFolder();
    const file = path.join(folder, 'encoder.onnx');
    await writeModelFile(model, file);
    expect(await readdir(folder)).toEqual(['encoder.onnx']);
    expect(Buffer.compare(await readFile(file), writeModel(model))).toBe(0);
    expect((await readModel(file)).graph.nodes[0]?.op).toBe('Add');
  });

  it('leaves the old file and no other when it cannot be written', async () => {
    const folder = await temporaryFolder();
    const file = path.join(folder, 'missing', 'encoder.onnx');
    await expect(writeModelFile(model, file)).rejects.toThrow('ENOENT');
    expect(await readdir(folder)).toEqual([]);
  });
});
