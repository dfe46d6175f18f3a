import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { create, toBinary } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../../src/foundation/core/random.ts';
import { decodeModel } from '../../../../src/foundation/onnx/model-file/decode-model.ts';
import { readModel } from '../../../../src/foundation/onnx/model-file/read-model.ts';
import { AttributeProto_AttributeType, ModelProtoSchema } from '../../../../src/foundation/onnx/proto/onnx_pb.js';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

const starter = fileURLToPath(new URL('../../../../models/starter/encoder.onnx', import.meta.url));

async function fileOf(bytes: Uint8Array | string): Promise<string> {
  const file = path.join(await temporaryFolder(), 'encoder.onnx');
  await writeFile(file, bytes);
  return file;
}

describe('a file that is no model', () => {
  it('is named with the reason when it does not exist', async () => {
    const file = path.join(await temporaryFolder(), 'nowhere.onnx');
    await expect(readModel(file)).rejects.toMatchObject({
      code: 'invalid_model',
      message: `${file}: the file cannot be read (ENOENT).`,
    });
  });

  it('is told apart: empty, a web page, a Git LFS pointer', async () => {
    const empty = await fileOf('');
    await expect(readModel(empty)).rejects.toThrow(`${empty}: the file is empty.`);
    const page = await fileOf('<!doctype html><title>404</title>');
    await expect(readModel(page)).rejects.toThrow(`${page}: the file is no ONNX model.`);
    const pointer = await fileOf('version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 90359607\n');
    await expect(readModel(pointer)).rejects.toMatchObject({ hint: 'Run `git lfs pull`.' });
  });

  it('is refused wherever a download broke off', async () => {
    const bytes = new Uint8Array(await readFile(starter));
    const random = createRandom(3);
    for (const length of [
      1,
      7,
      100,
      bytes.length - 1,
      ...Array.from({ length: 40 }, () => random.integer(bytes.length)),
    ]) {
      expect(() => decodeModel(bytes.slice(0, length)), `cut at ${length}`).toThrow(
        expect.objectContaining({ code: 'invalid_model' }),
      );
    }
    const cut = await fileOf(bytes.slice(0, 5_000_000));
    await expect(readModel(cut)).rejects.toThrow(`${cut}: the ONNX model is cut off or damaged (5000000 bytes).`);
  });

  it('is never a crash, whatever the bytes', () => {
    const random = createRandom(4);
    for (let round = 0; round < 300; round++) {
      const bytes = Uint8Array.from({ length: random.integer(80) }, () => random.integer(256));
      expect(() => decodeModel(bytes)).toThrow(expect.objectContaining({ code: 'invalid_model' }));
    }
  });
});

describe('a model with what is not supported', () => {
  const withGraph = (graph: object): Uint8Array =>
    toBinary(
      ModelProtoSchema,
      create(ModelProtoSchema, { irVersion: 8n, opsetImport: [{ version: 17n }], graph: { name: 'graph', ...graph } }),
    );

  it('is refused for sparse weights', () => {
    expect(() => decodeModel(withGraph({ sparseInitializer: [{ dims: [4n] }] }))).toThrow('has sparse weights');
  });

  it('is refused for an input that is a sequence', () => {
    const input = { name: 'words', type: { value: { case: 'sequenceType', value: {} } } };
    expect(() => decodeModel(withGraph({ input: [input] }))).toThrow('"words" is no tensor but a sequence.');
  });

  it('is refused for an attribute of an unknown kind, naming node and attribute', () => {
    const attribute = [{ name: 'many', type: AttributeProto_AttributeType.TENSORS }];
    const node = [{ opType: 'Strange', name: 'n1', attribute }];
    expect(() => decodeModel(withGraph({ node }))).toThrow('attribute "many" of Strange "n1" has the kind TENSORS');
  });
});
