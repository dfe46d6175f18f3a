import { join } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { loadConfig } from '../../../foundation/config/config.ts';
import { findModelFolder } from '../../../serving/models/find-model-folder.ts';
import { showTraining } from '../train/train-progress.ts';
import { dataOf, recipeOf, settingsOf, type TrainOptions } from '../train/training-options.ts';
import type { CommandContext } from './command-context.ts';

/** As shells say it of a process that an interrupt ended. */
const EXIT_INTERRUPTED = 130;

export function addTrain(program: Command, context: CommandContext): void {
  program
    .command('train')
    .description('train a model folder into a new one')
    .requiredOption('--out <folder>', 'folder of the result; it must not be there')
    .option('--model <model>', 'model to begin with: a folder, a name, a Hugging Face id', 'starter')
    .option('--pairs <file>', 'train from pairs: query ⇥ item [⇥ weight], or NDJSON with "negatives"')
    .option('--catalogue <file>', 'with --pairs: further items as negatives, a text a line')
    .option('--scores <file>', 'train from scored pairs of texts: left ⇥ right ⇥ score')
    .option('--distill <model>', 'learn the vectors of this model on --texts')
    .option('--texts <file>', 'with --distill: a text a line')
    .option('--pictures <file>', 'train a picture model from pictures and texts: path ⇥ text')
    .option('--text-model <model>', 'with --pictures: the model of the texts', 'starter')
    .addOption(
      new Option('--recipe <recipe>', 'what is trained, encoder by default').choices([
        'encoder',
        'lora',
        'adapter',
        'two-tower',
        'token-table',
      ]),
    )
    .option('--layers <count>', 'only the last layers', whole)
    .option('--weights <pattern>', 'only weights whose names match this regular expression')
    .option('--rank <rank>', 'of LoRA or of an adapter', whole)
    .addOption(new Option('--adapter <kind>', 'kind of adapter').choices(['linear', 'low-rank', 'mlp']))
    .option('--keep-layers <numbers>', 'cut a smaller student out of the model first, for example 0,2,5', wholes)
    .option('--table-rank <rank>', 'write the token table as a product of this rank first', whole)
    .option('--loss <loss>', 'pairs: info-nce, margin, listwise; scores: cosent, cosine-mse; distill: cosine, mse, kl')
    .option('--temperature <number>', 'of the softmax', positive)
    .option('--learn-temperature', 'let the temperature be learned')
    .option('--margin <number>', 'of the margin loss', positive)
    .option('--steps <count>', 'steps of the optimizer', whole)
    .option('--batch <count>', 'pairs, scored pairs, texts or pictures in a batch', whole)
    .option('--items <count>', 'items in a batch of pairs', whole)
    .addOption(new Option('--sample <what>', 'what comes once in an epoch').choices(['pairs', 'queries']))
    .option('--chunk <count>', 'with --pairs: rows that go through the encoder at once, to save memory', whole)
    .option('--accumulate <count>', 'batches that make one step', whole)
    .option('--learning-rate <rate>', 'highest learning rate', positive)
    .addOption(new Option('--schedule <name>', 'after the warm-up').choices(['linear', 'cosine', 'constant']))
    .option('--anchor <strength>', 'pull towards the vectors that training began with', notNegative)
    .option('--matryoshka <numbers>', 'dimensions that shall be useful alone, for example 384,128', wholes)
    .option('--max-tokens <count>', 'cut texts here', whole)
    .option('--seed <number>', 'of all that is random', whole)
    .option('--held-out <share>', 'share of the data to judge by instead of training on it', share)
    .option('--patience <count>', 'stop after so many evaluations without progress', whole)
    .option('--checkpoint-every <steps>', 'steps between checkpoints', whole, 100)
    .option('--resume', 'go on from the checkpoint of an interrupted training')
    .option('--memory-limit <size>', 'refuse what needs more, for example 4GB', bytes)
    .option('--threads <count>', 'threads that compute', whole)
    .addOption(new Option('--provider <name>', 'what computes').choices(['cpu', 'webgpu', 'cuda']))
    .addOption(new Option('--storage <kind>', 'how the weights are stored').choices(['fp32', 'fp16', 'int8']))
    .option('--data <directory>', 'data directory with further models')
    .option('--json', 'answer with JSON, events too')
    .action((options: TrainOptions) => runTraining(context, options));
}

async function runTraining(context: CommandContext, options: TrainOptions): Promise<void> {
  const { environment } = context;
  const json = options.json === true;
  const recipe = recipeOf(options);
  const { dataDirectory } = loadConfig(environment.variables, { dataDirectory: options.data });
  const folder = dataDirectory === 'memory' ? null : join(dataDirectory, 'models');
  const find = (model: string): Promise<string> => findModelFolder(model, { folder });
  const model = await find(options.model);
  const teacher = options.distill === undefined ? null : await find(options.distill);
  const data = await dataOf(options, teacher, await find(options.textModel));
  const stop = new AbortController();
  environment.onStop(() => {
    if (!json) environment.stderr.write('\nStopping after this step; a checkpoint is kept.\n');
    stop.abort();
  });
  // Loaded here: other commands start faster without it.
  const { trainModel } = await import('../../../learning/training/train-model.ts');
  const result = await trainModel({
    model,
    out: options.out,
    recipe,
    data,
    settings: settingsOf(options),
    student: {
      ...(options.keepLayers === undefined ? {} : { keepLayers: options.keepLayers }),
      ...(options.tableRank === undefined ? {} : { tableRank: options.tableRank }),
    },
    ...given({
      heldOut: options.heldOut,
      patience: options.patience,
      resume: options.resume,
      memoryLimitBytes: options.memoryLimit,
      threads: options.threads,
      provider: options.provider,
      storage: options.storage,
    }),
    checkpointEvery: options.checkpointEvery,
    signal: stop.signal,
    onEvent: showTraining(environment.stderr, context.progress(options), json),
  });
  const { status, step, losses, stoppedEarly } = result;
  if (status === 'cancelled') context.setExitCode(EXIT_INTERRUPTED);
  if (json) context.printJson({ status, folder: result.folder, step, losses, stoppedEarly });
  else if (result.folder === null) context.print('Nothing was written. The same command with --resume goes on.');
  else context.print(`Wrote ${result.folder}`);
}

type Given<T> = { [Key in keyof T]?: Exclude<T[Key], undefined> };

/** Without what was left out. */
const given = <T extends object>(values: T): Given<T> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Given<T>;

function numberWhere(text: string, right: (value: number) => boolean, wanted: string): number {
  const value = Number(text);
  if (text.trim() === '' || !right(value)) throw new InvalidArgumentError(`It must be ${wanted}.`);
  return value;
}
const whole = (text: string): number =>
  numberWhere(text, (value) => Number.isSafeInteger(value) && value > 0, 'a whole number above 0');
const wholes = (text: string): number[] =>
  text
    .split(',')
    .map((part) =>
      numberWhere(part, (value) => Number.isSafeInteger(value) && value >= 0, 'whole numbers with commas between'),
    );
const positive = (text: string): number =>
  numberWhere(text, (value) => Number.isFinite(value) && value > 0, 'a number above 0');
const notNegative = (text: string): number =>
  numberWhere(text, (value) => Number.isFinite(value) && value >= 0, 'a number from 0 on');
const share = (text: string): number =>
  numberWhere(text, (value) => value >= 0 && value <= 0.5, 'a share from 0 to .5');

const UNITS: Readonly<Record<string, number>> = { '': 1, kb: 1e3, mb: 1e6, gb: 1e9 };

function bytes(text: string): number {
  const [, number, unit] = /^([\d.]+)\s*([kmg]b)?$/i.exec(text.trim()) ?? [];
  const size = Number(number) * (UNITS[(unit ?? '').toLowerCase()] ?? Number.NaN);
  if (!(size > 0)) throw new InvalidArgumentError('It must be a size like 4GB or 500MB.');
  return size;
}
