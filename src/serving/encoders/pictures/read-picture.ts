import sharp, { type Sharp } from 'sharp';
import type { PictureSettings } from './picture-settings.ts';

/** Of a very long picture only so much of its middle is resized, in multiples of the shorter side. */
const LONGEST_RATIO = 8;
/** Drawings are rasterised at most this fine; 72 is their natural size. */
const MAX_DENSITY = 7200;

interface Size {
  readonly width: number;
  readonly height: number;
}

/**
 * The file's bytes as `[3, height, width]`, RGB, normalised as the model expects. The picture stands upright by its EXIF
 * orientation, transparency lies on white, of an animation the first frame counts, and drawings are rasterised at the
 * size that is needed. Rejects on what is no picture, is damaged or has more than `maxPixels`.
 */
export async function readPicture(
  image: Uint8Array,
  settings: PictureSettings,
  maxPixels: number,
): Promise<Float32Array> {
  const { width, height } = settings;
  const { picture, size } = await open(image, settings, maxPixels);
  const upright = picture.autoOrient();
  const { data } = await (settings.shortestEdge === null
    ? rgb(upright.resize(width, height, { kernel: settings.kernel, fit: 'fill' }))
    : centre(upright, size, settings.shortestEdge, settings));
  return normalized(data, settings);
}

async function open(
  image: Uint8Array,
  settings: PictureSettings,
  maxPixels: number,
): Promise<{ picture: Sharp; size: Size }> {
  const options = { limitInputPixels: maxPixels, failOn: 'error' } as const;
  const picture = sharp(image, options);
  const { width, height, autoOrient, format } = await picture.metadata();
  if (format !== 'svg') return { picture, size: autoOrient };
  // A 24-pixel icon would be rasterised small and then blown up.
  const wanted = Math.max(settings.width, settings.height) / Math.min(width, height);
  const density = Math.min(MAX_DENSITY, Math.max(72, Math.ceil(72 * wanted)));
  const drawn = sharp(image, { ...options, density });
  return { picture: drawn, size: await drawn.metadata() };
}

/** The shorter side becomes `edge`, the other one keeps the ratio rounded down as the reference does; then the middle is cut out. */
async function centre(
  picture: Sharp,
  original: Size,
  edge: number,
  settings: PictureSettings,
): Promise<{ data: Buffer }> {
  const { part, size } = middle(picture, original);
  const short = Math.min(size.width, size.height);
  const scaled = {
    width: Math.max(settings.width, size.width === short ? edge : Math.trunc((edge * size.width) / short)),
    height: Math.max(settings.height, size.height === short ? edge : Math.trunc((edge * size.height) / short)),
  };
  return await rgb(
    part.resize(scaled.width, scaled.height, { kernel: settings.kernel, fit: 'fill' }).extract({
      left: Math.floor((scaled.width - settings.width) / 2),
      top: Math.floor((scaled.height - settings.height) / 2),
      width: settings.width,
      height: settings.height,
    }),
  );
}

function middle(picture: Sharp, size: Size): { part: Sharp; size: Size } {
  const longest = LONGEST_RATIO * Math.min(size.width, size.height);
  if (size.width <= longest && size.height <= longest) return { part: picture, size };
  const kept = { width: Math.min(size.width, longest), height: Math.min(size.height, longest) };
  const left = Math.floor((size.width - kept.width) / 2);
  const top = Math.floor((size.height - kept.height) / 2);
  return { part: picture.extract({ left, top, ...kept }), size: kept };
}

async function rgb(picture: Sharp): Promise<{ data: Buffer }> {
  return await picture
    .flatten({ background: '#ffffff' })
    .toColourspace('srgb')
    .removeAlpha()
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
}

function normalized(pixels: Buffer, { width, height, levels }: PictureSettings): Float32Array {
  const plane = width * height;
  if (pixels.length !== 3 * plane) throw new Error('it has no three colours');
  const values = new Float32Array(3 * plane);
  for (let channel = 0; channel < 3; channel++) {
    const level = levels[channel] as Float32Array;
    for (let i = 0; i < plane; i++) values[channel * plane + i] = level[pixels[3 * i + channel] as number] as number;
  }
  return values;
}
