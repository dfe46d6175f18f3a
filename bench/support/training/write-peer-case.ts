import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Tensor } from '../../../src/foundation/onnx/graph/tensor.ts';
import type { PeerCase } from './training-case.ts';

/** Writes a case where the Python side reads it: `case.json`, and `arrays.bin` with every array that it points into. */
export async function writePeerCase(folder: string, { settings, weights, batches }: PeerCase): Promise<void> {
  const pieces: Uint8Array[] = [];
  let offset = 0;
  const place = ({ type, dims, data }: Tensor) => {
    const at = offset;
    pieces.push(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    offset += data.byteLength;
    return { type, dims, offset: at };
  };
  const described = {
    settings,
    weights: weights.map(({ name, transposed, tensor }) => ({ name, transposed, ...place(tensor) })),
    batches: batches.map((batch) =>
      Object.fromEntries(Object.entries(batch).map(([name, tensor]) => [name, place(tensor)])),
    ),
  };
  await writeFile(join(folder, 'arrays.bin'), pieces);
  await writeFile(join(folder, 'case.json'), JSON.stringify(described));
}
