import { badRequest, expired } from './api-errors.ts';
import type { StoredObject } from './object-store.ts';

/**
 * The rest of lists that are read page by page, so that all pages show one moment. Bounded: the oldest unfinished list
 * is given up for a new one, and its token then answers `Expired`, as one does that outlives the server's history.
 */
export interface Page {
  readonly items: readonly StoredObject[];
  readonly resourceVersion: string;
}

const MOST_LISTS = 64;

export class Pages {
  readonly #kept = new Map<string, Page>();
  #count = 0;

  keep(page: Page): string {
    const token = Buffer.from(String(this.#count++)).toString('base64url');
    this.#kept.set(token, page);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > MOST_LISTS && oldest !== undefined) this.#kept.delete(oldest);
    return token;
  }

  take(token: string): Page {
    const page = this.#kept.get(token);
    if (page !== undefined) return page;
    if (!/^\d+$/.test(Buffer.from(token, 'base64url').toString())) throw badRequest('continue key is not valid');
    throw expired('The provided continue parameter is too old to display a consistent list result.');
  }

  forget(): void {
    this.#kept.clear();
  }
}
