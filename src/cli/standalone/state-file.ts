import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import type { KubernetesObject } from '../../resources/object.ts';

/**
 * What standalone mode must remember so that URLs survive a restart: the token Secrets. Mode 0600; replaced by an atomic
 * rename after the bytes are on disk, so that a crash leaves the old file or the new one. Saves never overlap; of
 * several waiting only the newest is written. A file that cannot be understood is moved aside, not overwritten.
 */
export class StateFile {
  readonly #path: string;
  #saving: Promise<void> = Promise.resolve();
  #waiting: readonly KubernetesObject[] | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  /** The remembered objects; `movedTo` when the file was no good and now stands elsewhere. */
  async load(): Promise<{ objects: KubernetesObject[]; movedTo?: string }> {
    let text: string;
    try {
      text = await readFile(this.#path, 'utf8');
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return { objects: [] };
      throw error;
    }
    const parsed = parse(text);
    if (parsed !== undefined) return { objects: parsed };
    const movedTo = `${this.#path}.unreadable`;
    await rename(this.#path, movedTo);
    return { objects: [], movedTo };
  }

  /** Resolves when these objects, or newer ones, are on disk. */
  save(objects: readonly KubernetesObject[]): Promise<void> {
    this.#waiting = objects;
    this.#saving = this.#saving.catch(() => undefined).then(() => this.#write());
    return this.#saving;
  }

  async #write(): Promise<void> {
    const objects = this.#waiting;
    if (objects === undefined) return;
    this.#waiting = undefined;
    await mkdir(dirname(this.#path), { recursive: true, mode: 0o700 });
    const temporary = `${this.#path}.${process.pid}.tmp`;
    try {
      const file = await open(temporary, 'w', 0o600);
      try {
        await file.writeFile(`${JSON.stringify({ version: 1, objects })}\n`);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(temporary, this.#path);
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
  }
}

const stateSchema = z.object({
  version: z.literal(1),
  objects: z.array(
    z.looseObject({ apiVersion: z.string(), kind: z.string(), metadata: z.looseObject({ name: z.string() }) }),
  ),
});

function parse(text: string): KubernetesObject[] | undefined {
  try {
    return stateSchema.parse(JSON.parse(text)).objects;
  } catch {
    return undefined;
  }
}
