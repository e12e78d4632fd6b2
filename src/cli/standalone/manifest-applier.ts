import { type ApiError, isApiError, type ObjectApi } from '../../kubernetes/object-api.ts';
import type { Clock, Timer } from '../../process/clock.ts';
import type { Logger } from '../../process/logger.ts';
import type { Manifest, ManifestProblem } from './manifest-file.ts';

/**
 * Makes the resource API hold what a folder says. An object is applied when its manifest changes and never otherwise, so
 * that one deleted at its expiry stays gone while its file stays where it is. A manifest that vanishes takes its object
 * with it only after a second: an editor that empties or replaces a file on saving must not cost a server its URL.
 */
export interface ManifestApplierOptions {
  readonly api: ObjectApi;
  readonly clock: Clock;
  readonly logger: Logger;
}

const FIELD_MANAGER = 'crisp-mcp-standalone';
const REMOVAL_GRACE_MS = 1_000;
/** Secrets before what refers to them. */
const ORDER = ['Secret', 'CrispAccount', 'CrispApiToken', 'CrispMcpServer'];

interface Applied {
  readonly manifest: Manifest;
  readonly bytes: string;
}

export class ManifestApplier {
  readonly #options: ManifestApplierOptions;
  readonly #applied = new Map<string, Applied>();
  readonly #removals = new Map<string, Timer>();

  constructor(options: ManifestApplierOptions) {
    this.#options = options;
  }

  /** Applies what changed; resolves to what the API refused, each with its file and line. */
  async apply(manifests: readonly Manifest[]): Promise<ManifestProblem[]> {
    const wanted = new Map(manifests.map((manifest) => [identityOf(manifest), manifest]));
    for (const identity of this.#applied.keys()) {
      if (!wanted.has(identity)) this.#removeLater(identity);
    }
    const problems: ManifestProblem[] = [];
    const ordered = [...wanted].sort(([, a], [, b]) => ORDER.indexOf(a.object.kind) - ORDER.indexOf(b.object.kind));
    for (const [identity, manifest] of ordered) {
      this.#removals.get(identity)?.cancel();
      this.#removals.delete(identity);
      const bytes = JSON.stringify(manifest.object);
      if (this.#applied.get(identity)?.bytes === bytes) continue;
      try {
        await this.#options.api.apply(manifest.type, manifest.object, { fieldManager: FIELD_MANAGER, force: true });
        this.#applied.set(identity, { manifest, bytes });
      } catch (error) {
        if (!isApiError(error)) throw error;
        problems.push({ file: manifest.file, line: manifest.line, message: refusal(identity, error) });
      }
    }
    return problems;
  }

  close(): void {
    for (const timer of this.#removals.values()) timer.cancel();
    this.#removals.clear();
  }

  #removeLater(identity: string): void {
    if (this.#removals.has(identity)) return;
    const timer = this.#options.clock.setTimer(REMOVAL_GRACE_MS, () => void this.#remove(identity));
    this.#removals.set(identity, timer);
  }

  async #remove(identity: string): Promise<void> {
    this.#removals.delete(identity);
    const applied = this.#applied.get(identity);
    this.#applied.delete(identity);
    if (applied === undefined) return;
    const { name, namespace } = applied.manifest.object.metadata;
    try {
      await this.#options.api.delete(applied.manifest.type, { name, ...(namespace && { namespace }) });
      this.#options.logger.info(`${identity} is gone from the folder and was deleted`);
    } catch (error) {
      this.#options.logger.error(`${identity} is gone from the folder but could not be deleted`, { error });
    }
  }
}

function identityOf({ object }: Manifest): string {
  return `${object.kind} ${object.metadata.namespace}/${object.metadata.name}`;
}

function refusal(identity: string, error: ApiError): string {
  return `${identity} was refused, what was in force stays: ${error.message}`;
}
