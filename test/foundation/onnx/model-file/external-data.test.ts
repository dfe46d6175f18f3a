import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { create, toBinary } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { decodeModel } from '../../../../src/foundation/onnx/model-file/decode-model.ts';
import { readModel } from '../../../../src/foundation/onnx/model-file/read-model.ts';
import { writeModel } from '../../../../src/foundation/onnx/model-file/write-model.ts';
import {
  ModelProtoSchema,
  TensorProto_DataLocation,
  TensorProto_DataType,
} from '../../../../src/foundation/onnx/proto/onnx_pb.js';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

type Entries = Readonly<Record<string, string>>;

/** A folder with a model whose weights `first`, `second`, … (two floats each) stand elsewhere. */
async function folderWith(...weights: Entries[]): Promise<{ folder: string; file: string }> {
  const folder = await temporaryFolder();
  const file = path.join(folder, 'encoder.onnx');
  const message = create(ModelProtoSchema, {
    irVersion: 8n,
    opsetImport: [{ version: 17n }],
    graph: {
      name: 'external',
      initializer: weights.map((entries, index) => ({
        name: `weight ${index}`,
        dims: [2n],
        dataType: TensorProto_DataType.FLOAT,
        dataLocation: TensorProto_DataLocation.EXTERNAL,
        externalData: Object.entries(entries).map(([key, value]) => ({ key, value })),
      })),
    },
  });
  await writeFile(file, toBinary(ModelProtoSchema, message));
  return { folder, file };
}

const floats = (...values: number[]): Uint8Array => new Uint8Array(Float32Array.from(values).buffer);

describe('weights in files beside the model', () => {
  it('are read at their offsets, from as many files as there are', async () => {
    const { folder, file } = await folderWith(
      { location: 'a.bin', offset: '8', length: '8' },
      { location: 'a.bin', offset: '0', length: '8' },
      { location: 'parts/b.bin' },
    );
    await mkdir(path.join(folder, 'parts'));
    await writeFile(path.join(folder, 'a.bin'), floats(1, 2, 3, 4));
    await writeFile(path.join(folder, 'parts/b.bin'), floats(5, 6));
    const { graph } = await readModel(file);
    const values = Array.from(graph.initializers.values(), ({ data }) => [...data]);
    expect(values).toEqual([
      [3, 4],
      [1, 2],
      [5, 6],
    ]);
  });

  it('stand in the model itself when it is written again', async () => {
    const { folder, file } = await folderWith({ location: 'a.bin' });
    await writeFile(path.join(folder, 'a.bin'), floats(7, 8));
    const again = decodeModel(writeModel(await readModel(file)));
    expect([...(again.graph.initializers.get('weight 0')?.data ?? [])]).toEqual([7, 8]);
  });

  it('are missed by name when the file is not there', async () => {
    const { file } = await folderWith({ location: 'weights.bin' });
    await expect(readModel(file)).rejects.toMatchObject({
      code: 'invalid_model',
      message: `${file}: the weights "weight 0" stand in weights.bin, which is not beside the model.`,
      hint: 'Copy weights.bin into the same folder.',
    });
  });

  it('are missed when the file is too short', async () => {
    const { folder, file } = await folderWith({ location: 'a.bin', offset: '8', length: '8' });
    await writeFile(path.join(folder, 'a.bin'), floats(1, 2));
    await expect(readModel(file)).rejects.toThrow('should stand at bytes 8 to 16 of a.bin, which has 8.');
  });

  it.each([
    '../outside.bin',
    '/etc/passwd',
    'parts/../../outside.bin',
    '',
  ])('are not read from outside the folder: "%s"', async (location) => {
    const { file } = await folderWith({ location });
    await expect(readModel(file)).rejects.toThrow("outside the model's folder");
  });

  it.each(['-8', 'far', '1e400'])('are not read at an offset of %s', async (offset) => {
    const { folder, file } = await folderWith({ location: 'a.bin', offset, length: '8' });
    await writeFile(path.join(folder, 'a.bin'), floats(1, 2));
    await expect(readModel(file)).rejects.toMatchObject({ code: 'invalid_model' });
  });
});
