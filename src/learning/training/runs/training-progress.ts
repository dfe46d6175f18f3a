import type { RunProgress } from '../../../foundation/jobs/run.ts';
import type { TrainingEvent } from '../training-event.ts';

/** Points of a curve that are kept. */
const POINTS = 60;

/** A training's events as the progress of its run: loss curves, what is left, what it needs. */
export class TrainingProgress {
  readonly #say: (progress: RunProgress) => void;
  readonly #losses: Array<readonly [step: number, loss: number]> = [];
  readonly #heldOut: Array<readonly [step: number, loss: number]> = [];
  #best: readonly [step: number, loss: number] | null = null;
  #memory: string | undefined;

  constructor(say: (progress: RunProgress) => void) {
    this.#say = say;
  }

  take(event: TrainingEvent): void {
    switch (event.type) {
      case 'preparing':
        this.#say({ done: event.done, total: event.total, message: `encoding ${event.what}` });
        break;
      case 'started':
        this.#memory = event.memory;
        this.#tell(event.firstStep, event.steps, {});
        break;
      case 'step': {
        const { step, steps, loss, tokensPerSecond, etaSeconds } = event;
        const every = Math.max(1, Math.ceil(steps / POINTS));
        if (step === 1 || step === steps || step % every === 0) this.#losses.push([step, loss]);
        this.#tell(step, steps, {
          ...{ loss, tokensPerSecond: Math.round(tokensPerSecond), etaSeconds: Math.round(etaSeconds) },
        });
        break;
      }
      case 'evaluated':
        this.#heldOut.push([event.step, event.loss]);
        if (event.best) this.#best = [event.step, event.loss];
        break;
      default:
        break;
    }
  }

  curves(): {
    readonly losses: ReadonlyArray<readonly [number, number]>;
    readonly validationLosses: ReadonlyArray<readonly [number, number]>;
  } {
    return { losses: this.#losses, validationLosses: this.#heldOut };
  }

  #tell(done: number, total: number, more: Readonly<Record<string, unknown>>): void {
    this.#say({
      ...{ done, total, message: 'training', memory: this.#memory, best: this.#best },
      ...more,
      losses: [...this.#losses],
      validationLosses: [...this.#heldOut],
    });
  }
}
