import { type FSWatcher, watch } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock, Timer } from '../../process/clock.ts';
import { UserError } from '../user-error.ts';
import { type Manifest, type ManifestProblem, parseManifestFile, type Variables } from './manifest-file.ts';

/**
 * Watches a folder of manifests. A file that cannot be read or parsed keeps its last good content in force; a file that
 * was never good contributes nothing. Change notices of the file system are a hint: the folder is also looked at every
 * two seconds, so that a lost notice costs two seconds and no more. Looks never overlap. Nothing in the folder is ever
 * written or removed.
 */
export interface FolderContent {
  readonly manifests: readonly Manifest[];
  readonly problems: readonly ManifestProblem[];
}

export interface ManifestFolderOptions {
  readonly path: string;
  readonly variables: Variables;
  readonly clock: Clock;
  /** Called after each change, and once at start; the next look waits for it. */
  readonly changed: (content: FolderContent) => Promise<void>;
}

const SETTLE_MS = 60;
const LOOK_EVERY_MS = 2_000;
const LARGEST_FILE = 1 << 20;
const MOST_FILES = 1_000;

interface KnownFile {
  /** Modification time, size and inode: what tells that it has to be read again. */
  readonly stamp: string;
  readonly manifests: readonly Manifest[];
  readonly problems: readonly ManifestProblem[];
}

export class ManifestFolder {
  readonly #options: ManifestFolderOptions;
  #files = new Map<string, KnownFile>();
  #reported: string | undefined;
  #watcher: FSWatcher | undefined;
  #timer: Timer | undefined;
  #looking: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(options: ManifestFolderOptions) {
    this.#options = options;
  }

  /** Looks for the first time; fails when the folder cannot be read. */
  async start(): Promise<void> {
    await readdir(this.#options.path).catch((error: unknown) => {
      const why = error instanceof Error && 'code' in error ? String(error.code) : String(error);
      throw new UserError(
        'MANIFESTS_UNREADABLE',
        `The folder of manifests ${this.#options.path} cannot be read (${why}). Create it, or name another with --manifests.`,
      );
    });
    this.#watcher = watch(this.#options.path, () => this.#lookIn(SETTLE_MS));
    this.#watcher.on('error', () => this.#watcher?.close());
    await this.#look();
    this.#lookIn(LOOK_EVERY_MS);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#timer?.cancel();
    this.#watcher?.close();
    await this.#looking;
  }

  #lookIn(milliseconds: number): void {
    if (this.#closed) return;
    this.#timer?.cancel();
    this.#timer = this.#options.clock.setTimer(milliseconds, () => {
      this.#looking = this.#looking
        .then(() => this.#look())
        .catch((error: unknown) => this.#report([folderProblem(this.#options.path, error)]))
        .finally(() => this.#lookIn(LOOK_EVERY_MS));
    });
  }

  async #look(): Promise<void> {
    const names = (await readdir(this.#options.path)).filter(isManifestName).sort();
    const problems: ManifestProblem[] = [];
    if (names.length > MOST_FILES) {
      problems.push({
        file: this.#options.path,
        line: 1,
        message: `${names.length} files; only the first ${MOST_FILES} are read`,
      });
    }
    const files = new Map<string, KnownFile>();
    for (const name of names.slice(0, MOST_FILES)) {
      const known = await this.#read(name, this.#files.get(name));
      if (known !== undefined) files.set(name, known);
    }
    this.#files = files;
    await this.#report(problems);
  }

  /** `undefined` when the file has gone since the folder was listed. */
  async #read(name: string, known: KnownFile | undefined): Promise<KnownFile | undefined> {
    const path = join(this.#options.path, name);
    let stamp = '';
    try {
      const status = await stat(path);
      if (!status.isFile()) return undefined;
      stamp = `${status.mtimeMs}/${status.size}/${status.ino}`;
      if (known?.stamp === stamp) return known;
      if (status.size > LARGEST_FILE) throw new Error(`larger than ${LARGEST_FILE} bytes`);
      const parsed = parseManifestFile(name, await readFile(path, 'utf8'), this.#options.variables);
      if (parsed.ok) return { stamp, manifests: parsed.manifests, problems: [] };
      return { stamp, manifests: known?.manifests ?? [], problems: parsed.problems };
    } catch (error) {
      if (isMissing(error)) return undefined;
      return { stamp, manifests: known?.manifests ?? [], problems: [{ ...folderProblem(name, error) }] };
    }
  }

  async #report(problems: readonly ManifestProblem[]): Promise<void> {
    const { manifests, duplicates } = withoutDuplicates([...this.#files.values()].flatMap((file) => file.manifests));
    const all = [...problems, ...[...this.#files.values()].flatMap((file) => file.problems), ...duplicates];
    const content = JSON.stringify([manifests, all]);
    if (content === this.#reported) return;
    await this.#options.changed({ manifests, problems: all });
    this.#reported = content;
  }
}

/** Of two manifests for one object the first, by file name, stands. */
function withoutDuplicates(manifests: readonly Manifest[]) {
  const first = new Map<string, Manifest>();
  const duplicates: ManifestProblem[] = [];
  for (const manifest of manifests) {
    const { kind, metadata } = manifest.object;
    const identity = `${kind} ${metadata.namespace}/${metadata.name}`;
    const other = first.get(identity);
    if (other === undefined) first.set(identity, manifest);
    else {
      const message = `${identity} is already in ${other.file}, line ${other.line}; that one stays in force`;
      duplicates.push({ file: manifest.file, line: manifest.line, message });
    }
  }
  return { manifests: [...first.values()], duplicates };
}

function isManifestName(name: string): boolean {
  return /\.(ya?ml|json)$/.test(name) && !name.startsWith('.');
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

function folderProblem(file: string, error: unknown): ManifestProblem {
  return { file, line: 1, message: `cannot be read: ${error instanceof Error ? error.message : String(error)}` };
}
