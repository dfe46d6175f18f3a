import { instantiateKernels, type Kernels } from '../kernels/kernels.ts';
import { WebAssembly } from '../kernels/web-assembly.ts';

const PAGE_BYTES = 65_536;
/** What a 32-bit address reaches, less one page: then no end address overflows. */
export const LARGEST_BANK_BYTES = 65_535 * PAGE_BYTES;
/** Steps whose coefficients fit beside the weights; longer absences are caught up in several calls. */
export const COEFFICIENT_STEPS = 1024;
export const COEFFICIENTS_PER_STEP = 3;
const ALIGNMENT_BYTES = 64;

/**
 * One WebAssembly memory with kernels over it. Its size is fixed at the beginning, because growing would detach every view;
 * the system gives pages when they are first written, so room that nobody uses costs nothing.
 */
export class MemoryBank {
  readonly kernels: Kernels;
  /** Byte address of {@link COEFFICIENT_STEPS} × {@link COEFFICIENTS_PER_STEP} floats. */
  readonly coefficients: number;
  readonly #buffer: ArrayBuffer;
  #end = 0;

  constructor(bytes: number) {
    const pages = Math.ceil((bytes + COEFFICIENT_STEPS * COEFFICIENTS_PER_STEP * 4 + ALIGNMENT_BYTES) / PAGE_BYTES);
    const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
    this.kernels = instantiateKernels(memory);
    this.#buffer = memory.buffer;
    this.coefficients = this.allocate(COEFFICIENT_STEPS * COEFFICIENTS_PER_STEP) as number;
  }

  /** Address of zeros for so many floats, or null when they do not fit any more. */
  allocate(floats: number): number | null {
    const address = this.#end;
    const end = address + Math.ceil((floats * 4) / ALIGNMENT_BYTES) * ALIGNMENT_BYTES;
    if (end > this.#buffer.byteLength) return null;
    this.#end = end;
    return address;
  }

  view(address: number, floats: number): Float32Array {
    return new Float32Array(this.#buffer, address, floats);
  }
}
