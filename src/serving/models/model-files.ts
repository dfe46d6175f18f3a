import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { z } from 'zod';
import { StudioError } from '../../foundation/core/errors.ts';

/** A model folder as seen by its readers; every failure names the file. */
export interface ModelFiles {
  readonly id: string;
  readonly folder: string;
  /** The first of these files that exists, as a full path. */
  first(names: readonly string[]): Promise<string | null>;
  /** A JSON file checked by a schema, or null when there is no such file. Throws `invalid_model`. */
  json<Schema extends z.ZodType>(name: string, schema: Schema): Promise<z.infer<Schema> | null>;
  invalid(message: string, hint: string, cause?: unknown): StudioError;
}

export function modelFiles(folder: string, id: string): ModelFiles {
  const invalid: ModelFiles['invalid'] = (message, hint, cause) =>
    new StudioError('invalid_model', message, {
      hint,
      details: { model: id, folder },
      ...(cause === undefined ? {} : { cause }),
    });
  return {
    id,
    folder,
    invalid,
    async first(names) {
      for (const name of names) if (await isFile(join(folder, name))) return join(folder, name);
      return null;
    },
    async json(name, schema) {
      const file = join(folder, name);
      if (!(await isFile(file))) return null;
      let content: unknown;
      try {
        content = JSON.parse(await readFile(file, 'utf8'));
      } catch (cause) {
        throw invalid(`${file} is not JSON.`, 'Copy the file again; an interrupted download leaves half of it.', cause);
      }
      const parsed = schema.safeParse(content);
      if (parsed.success) return parsed.data;
      const issue = parsed.error.issues[0];
      throw invalid(
        `${file} is wrong at ${issue?.path.join('.') || 'its top'}: ${issue?.message}.`,
        'Correct the file; models/starter/card.json is an example.',
      );
    },
  };
}

const isFile = (file: string): Promise<boolean> =>
  stat(file).then(
    (found) => found.isFile(),
    () => false,
  );
