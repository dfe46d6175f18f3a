import { StudioError } from '../../foundation/core/errors.ts';
import { isId } from '../../foundation/core/ids.ts';
import { type ErasureOptions, eraseUser } from './erase-user.ts';
import { readReceipts } from './erasure-queries.ts';
import type { ErasureReceipt } from './erasure-receipt.ts';
import { exportUser, type UserDataPage } from './export-user.ts';

/** What people may ask of an installation that keeps something about them. */
export class Privacy {
  readonly #options: ErasureOptions;

  constructor(options: ErasureOptions) {
    this.#options = options;
  }

  /** Deletes everything that is kept about a user. */
  erase(user: string): Promise<ErasureReceipt> {
    return eraseUser(this.#options, user);
  }

  /** Everything that is kept about a user, piece by piece. Throws `invalid_cursor`. */
  async export(
    user: string,
    page: { readonly cursor?: string | undefined; readonly limit: number },
  ): Promise<UserDataPage> {
    await this.#options.flushSearches();
    return await exportUser(this.#options.db, user, page);
  }

  /** Receipts of erasures, newest first. Throws `invalid_cursor`. */
  async receipts(page: { readonly cursor?: string | undefined; readonly limit: number }): Promise<{
    readonly erasures: readonly ErasureReceipt[];
    readonly nextCursor: string | null;
  }> {
    if (page.cursor !== undefined && !isId(page.cursor))
      throw new StudioError('invalid_cursor', 'This is no cursor of a list of erasures.');
    const receipts = await readReceipts(this.#options.db, page.cursor ?? null, page.limit + 1);
    const erasures = receipts.slice(0, page.limit);
    const last = erasures.at(-1);
    return { erasures, nextCursor: receipts.length > page.limit && last !== undefined ? last.erasureId : null };
  }
}
