/** What the sandbox remembers of the requests it got: enough to count and order them, nothing secret. Bounded. */
export interface RequestRecord {
  readonly at: number;
  readonly method: string;
  /** As sent, without the query. */
  readonly path: string;
  readonly query: string;
  /** Of the header, whether or not it was valid. */
  readonly tier: string | undefined;
  /** Operation id, when the route exists. */
  readonly operation: string | undefined;
  /** 0 when the connection was dropped without an answer. */
  readonly status: number;
}

const MOST_REQUESTS = 2_000;
const LONGEST_TEXT = 2_000;

export class RequestLog {
  readonly #records: RequestRecord[] = [];

  add(record: RequestRecord): void {
    if (this.#records.length >= MOST_REQUESTS) this.#records.shift();
    const { path, query } = record;
    this.#records.push({ ...record, path: path.slice(0, LONGEST_TEXT), query: query.slice(0, LONGEST_TEXT) });
  }

  /** Oldest first. */
  all(): readonly RequestRecord[] {
    return [...this.#records];
  }

  clear(): void {
    this.#records.length = 0;
  }
}
