import { StudioError } from '../../core/errors.ts';

/** A model that cannot be used as it is: what is wrong, and the way out. */
export const invalidModel = (sentence: string, hint: string, cause?: unknown): StudioError =>
  new StudioError('invalid_model', sentence, { hint, cause });
