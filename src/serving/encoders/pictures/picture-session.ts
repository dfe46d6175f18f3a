import * as ort from 'onnxruntime-node';
import type { EncoderInput } from '../encoder.ts';
import type { GraphSession } from '../graph-session.ts';
import type { Fault, WorkerSetup } from '../messages.ts';
import type { ModelSession } from '../worker-loop.ts';
import { readPictureSettings } from './picture-settings.ts';
import { readPicture } from './read-picture.ts';

/** Few at a time: a picture costs as much as a long text, and a query must not wait for many. */
export const PICTURES_PER_RUN = 4;
/** So many are decoded ahead, in the background of the runs. */
export const PICTURES_AHEAD = 16;

type Read = { readonly pixels: Float32Array } | { readonly fault: string };

/** Pictures: decode while other pictures run, normalise, run. */
export function createPictureSession(
  graph: GraphSession,
  { spec, maxPixels }: WorkerSetup,
): ModelSession<Promise<Read>> {
  const settings = readPictureSettings(spec.folder);
  const { width, height } = settings;
  const input = graph.inputs[0]?.name ?? 'pixel_values';

  async function read(image: Uint8Array): Promise<Read> {
    try {
      return { pixels: await readPicture(image, settings, maxPixels) };
    } catch (error) {
      return { fault: (error as Error).message.replaceAll(/\s+/g, ' ') };
    }
  }

  return {
    prepare: (given: EncoderInput) => ({ content: read('image' in given ? given.image : new Uint8Array()), cost: 1 }),
    async run(contents) {
      const reads = await Promise.all(contents);
      const faults = reads.flatMap((one, index): Fault[] => ('fault' in one ? [{ index, message: one.fault }] : []));
      const good = reads.flatMap((one, index) => ('pixels' in one ? [{ index, pixels: one.pixels }] : []));
      const vectors = Object.fromEntries(
        spec.outputs.map(({ name, dimensions }) => [name, new Float32Array(contents.length * dimensions)]),
      );
      if (good.length === 0) return { vectors, faults };
      const pixels = new Float32Array(good.length * 3 * width * height);
      good.forEach((one, row) => void pixels.set(one.pixels, row * 3 * width * height));
      const feeds = { [input]: new ort.Tensor('float32', pixels, [good.length, 3, height, width]) };
      const found = await graph.run(feeds, null);
      for (const { name, dimensions } of spec.outputs) {
        good.forEach(({ index }, row) => {
          const one = (found[name] as Float32Array).subarray(row * dimensions, (row + 1) * dimensions);
          (vectors[name] as Float32Array).set(one, index * dimensions);
        });
      }
      return { vectors, faults };
    },
  };
}
