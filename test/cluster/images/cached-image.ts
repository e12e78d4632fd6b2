import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheHome } from '../../../scripts/binaries/find.ts';
import { withLock } from '../../../scripts/bootstrap/lock.mjs';
import { type ImageConfig, type ImageLayer, writeOciArchive } from '../../../scripts/image/oci-archive.ts';

/** An image's archive in the project's cache, written when what decides its content has changed. */
export interface CachedImage {
  readonly name: string;
  /** All that decides the content, beside name and configuration. */
  readonly key: readonly string[];
  readonly config: ImageConfig;
  readonly layers: () => Promise<readonly ImageLayer[]>;
}

export async function cachedImage(image: CachedImage): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify([image.name, image.key, image.config, process.arch]));
  const file = `${image.name.replaceAll(/[^a-z0-9.]+/g, '-')}-${hash.digest('hex').slice(0, 12)}.tar`;
  const output = join(cacheHome(process.env), 'crisp-mcp-operator', 'images', file);
  await withLock(`${output}.lock`, async () => {
    if ((await stat(output).catch(() => undefined)) !== undefined) return;
    const platform = { os: 'linux', architecture: process.arch === 'arm64' ? 'arm64' : 'amd64' } as const;
    const { name, config } = image;
    await writeOciArchive({
      name,
      config,
      platform,
      layers: await image.layers(),
      epoch: 0,
      output,
      compression: 'none',
    });
  });
  return output;
}
