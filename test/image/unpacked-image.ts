import { execFile } from 'node:child_process';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';

/**
 * Opens an image archive as a container engine does, with the system's tar: manifest and configuration read, layers
 * unpacked over each other. Knows nothing of how the archive was made.
 */
const Descriptor = z.object({ mediaType: z.string(), digest: z.string(), size: z.number() });
const Index = z.object({ manifests: z.tuple([Descriptor]) });
const Manifest = z.object({
  config: Descriptor,
  layers: z.array(Descriptor),
  annotations: z.record(z.string(), z.string()).optional(),
});
const Configuration = z.object({
  architecture: z.string(),
  os: z.string(),
  created: z.string(),
  config: z.object({
    User: z.string(),
    WorkingDir: z.string(),
    Env: z.array(z.string()),
    Entrypoint: z.array(z.string()),
    Cmd: z.array(z.string()),
    Labels: z.record(z.string(), z.string()),
  }),
});

export interface UnpackedImage {
  readonly manifest: z.infer<typeof Manifest>;
  readonly configuration: z.infer<typeof Configuration>;
  /** Where its root file system lies. */
  readonly rootfs: string;
  /** `ls -l` of every layer, in order, as the archive says it and not as this machine unpacked it. */
  readonly listing: readonly ListedFile[];
}

export interface ListedFile {
  /** Like `-rwxr-xr-x`. */
  readonly mode: string;
  readonly owner: string;
  readonly path: string;
}

const tar = (argv: readonly string[]) => promisify(execFile)('tar', argv, { maxBuffer: 64 << 20, timeout: 120_000 });

export async function unpackImage(archive: string, folder: string): Promise<UnpackedImage> {
  const opened = join(folder, 'opened');
  const rootfs = join(folder, 'rootfs');
  for (const path of [opened, rootfs]) await mkdir(path, { recursive: true });
  await tar(['-xf', archive, '-C', opened]);
  const blob = (digest: string): string => join(opened, 'blobs', ...digest.split(':'));
  const json = async (path: string): Promise<unknown> => JSON.parse(await readFile(path, 'utf8'));

  const [entry] = Index.parse(await json(join(opened, 'index.json'))).manifests;
  const manifest = Manifest.parse(await json(blob(entry.digest)));
  const configuration = Configuration.parse(await json(blob(manifest.config.digest)));
  const listing: ListedFile[] = [];
  for (const layer of manifest.layers) {
    await tar(['-xpf', blob(layer.digest), '--no-same-owner', '-C', rootfs]);
    const { stdout } = await tar(['-tvf', blob(layer.digest), '--numeric-owner']);
    listing.push(...stdout.trim().split('\n').map(listed));
  }
  await rm(opened, { recursive: true });
  return { manifest, configuration, rootfs, listing };
}

function listed(line: string): ListedFile {
  const [mode = '', owner = '', _size, _day, _time, path = ''] = line.split(/\s+/);
  return { mode, owner, path };
}
