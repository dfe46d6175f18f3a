import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { StudioError } from '../../core/errors.ts';
import type { Model } from '../graph/graph.ts';
import { modelOf, parse } from './decode-model.ts';
import { loadExternalData } from './external-data.ts';
import { invalidModel } from './invalid-model.ts';

/**
 * Reads an ONNX file with the weights that stand beside it. The weights are views of the file's bytes, not copies.
 * Throws `invalid_model`, naming the file and what is wrong.
 *
 * @example
 * const model = await readModel('models/starter/encoder.onnx');
 * console.log(model.graph.nodes.length, model.opsets.get(''));
 */
export async function readModel(file: string): Promise<Model> {
  try {
    const message = parse(await bytesOfFile(file));
    await loadExternalData(message, path.dirname(path.resolve(file)));
    return modelOf(message, true);
  } catch (error) {
    if (!StudioError.isInstance(error)) throw error;
    throw invalidModel(`${file}: ${error.message}`, error.hint ?? '', error.cause);
  }
}

async function bytesOfFile(file: string): Promise<Uint8Array> {
  try {
    // Not the Buffer itself, whose memory may be a part of Node's pool.
    const buffer = await readFile(file);
    return buffer.byteLength === buffer.buffer.byteLength ? new Uint8Array(buffer.buffer) : Uint8Array.from(buffer);
  } catch (cause) {
    const reason = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
    throw invalidModel(`the file cannot be read (${reason}).`, 'Give the path of an .onnx file.', cause);
  }
}
