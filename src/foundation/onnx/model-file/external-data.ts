import { type FileHandle, open } from 'node:fs/promises';
import path from 'node:path';
import { type GraphProto, type ModelProto, type TensorProto, TensorProto_DataLocation } from '../proto/onnx_pb.js';
import { invalidModel } from './invalid-model.ts';

/** Puts the weights that stand in files beside the model into its message. Throws `invalid_model`. */
export async function loadExternalData(message: ModelProto, folder: string): Promise<void> {
  const tensors = message.graph === undefined ? [] : externalTensors(message.graph);
  const files = new Map<string, FileHandle>();
  try {
    for (const tensor of tensors) await load(tensor, folder, files);
  } finally {
    for (const file of files.values()) await file.close();
  }
}

function externalTensors(graph: GraphProto): TensorProto[] {
  const ofNodes = graph.node.flatMap((node) =>
    node.attribute.flatMap((attribute) => [
      ...(attribute.t === undefined ? [] : [attribute.t]),
      ...(attribute.g === undefined ? [] : externalTensors(attribute.g)),
    ]),
  );
  return [...graph.initializer, ...ofNodes].filter(
    (tensor) => tensor.dataLocation === TensorProto_DataLocation.EXTERNAL,
  );
}

async function load(tensor: TensorProto, folder: string, files: Map<string, FileHandle>): Promise<void> {
  const entry = (key: string): string | undefined => tensor.externalData.find((pair) => pair.key === key)?.value;
  const location = entry('location') ?? '';
  const file = await openBeside(folder, location, tensor.name, files);
  const { size } = await file.stat();
  const offset = Number(entry('offset') ?? 0);
  const length = Number(entry('length') ?? size - offset);
  if (!(offset >= 0 && length >= 0 && offset + length <= size)) {
    throw invalidModel(
      `the weights "${tensor.name}" should stand at bytes ${offset} to ${offset + length} of ${location}, which has ${size}.`,
      `Copy ${location} again: it is cut off or belongs to another model.`,
    );
  }
  const bytes = new Uint8Array(length);
  for (let done = 0; done < length; ) {
    const { bytesRead } = await file.read(bytes, done, Math.min(length - done, 1 << 30), offset + done);
    if (bytesRead === 0) throw invalidModel(`${location} became shorter while it was read.`, 'Try again.');
    done += bytesRead;
  }
  tensor.rawData = bytes;
  tensor.externalData = [];
  tensor.dataLocation = TensorProto_DataLocation.DEFAULT;
}

async function openBeside(
  folder: string,
  location: string,
  tensor: string,
  files: Map<string, FileHandle>,
): Promise<FileHandle> {
  const known = files.get(location);
  if (known !== undefined) return known;
  const inside = path.relative(folder, path.resolve(folder, location));
  if (location === '' || path.isAbsolute(location) || inside === '' || inside.split(path.sep)[0] === '..') {
    throw invalidModel(
      `the weights "${tensor}" are said to stand in "${location}", outside the model's folder.`,
      'Put the weights beside the model and export it with a relative location.',
    );
  }
  try {
    const file = await open(path.join(folder, inside), 'r');
    files.set(location, file);
    return file;
  } catch (cause) {
    throw invalidModel(
      `the weights "${tensor}" stand in ${location}, which is not beside the model.`,
      `Copy ${location} into the same folder.`,
      cause,
    );
  }
}
