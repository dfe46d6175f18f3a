import { float32 } from '../../../foundation/onnx/graph/tensor.ts';
import { sliceAxis, unitRows } from '../losses/arithmetic.ts';
import { picturesOfOneClass, picturesToTexts } from '../losses/picture-loss.ts';
import type { Objective } from '../objectives/objective.ts';
import { rowsObjective } from '../objectives/rows-objective.ts';
import { alignedOutput } from '../trainables/picture-trainee.ts';
import { type ObjectiveContext, type Objectives, objectivesOfRows } from './objective-context.ts';
import type { LabelledPicture } from './training-data.ts';

/** Similarities of pictures are sharpened by it: .05 as between texts, .1 between pictures (Khosla et al. 2020). */
const PICTURE_TEMPERATURE = { texts: 0.05, pictures: 0.1 };

/** The output that words find pictures by learns to meet the texts; every other one to keep a text's pictures together. */
export async function fromPictures(
  pictures: readonly LabelledPicture[],
  context: ObjectiveContext,
): Promise<Objectives> {
  const { trainee, settings, teacher, encoder } = context;
  if (teacher === null) throw new Error('pictures are trained towards the vectors of a text model');
  const classes = [...new Set(pictures.map(({ text }) => text))];
  const numbers = new Map(classes.map((text, number) => [text, number]));
  const texts = await teacher.vectors(classes, 'query');
  const aligned = alignedOutput(encoder.spec.outputs);
  const objective = async (own: readonly LabelledPicture[], seed: number): Promise<Objective> =>
    rowsObjective({
      side: await trainee.side(
        own.map(({ picture }) => picture),
        'item',
      ),
      rows: own.map((_, row) => [row]),
      batch: Math.min(settings.batch, own.length),
      seed,
      targets: {
        dims: [classes.length],
        of: async (chosen) =>
          chosen.map((row) => {
            const right = new Float32Array(classes.length);
            right[numbers.get(own[row]?.text ?? '') as number] = 1;
            return right;
          }),
      },
      loss(builder, [vectors], wanted) {
        if (vectors === undefined) throw new Error('a picture has one row of vectors');
        let from = 0;
        const parts = encoder.spec.outputs.map((output) => {
          const part = unitRows(builder, sliceAxis(builder, vectors, 1, from, from + output.dimensions));
          from += output.dimensions;
          if (output !== aligned) return picturesOfOneClass(builder, part, wanted, PICTURE_TEMPERATURE.pictures);
          const all = builder.constant(
            float32([classes.length, output.dimensions], Float32Array.from(texts.flatMap((one) => [...one]))),
          );
          return picturesToTexts(builder, part, all, wanted, PICTURE_TEMPERATURE.texts);
        });
        return parts.reduce((sum, part) => builder.add(sum, part));
      },
    });
  return await objectivesOfRows(pictures, 'pictures', context, objective);
}
