import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

/**
 * Writes an image as an archive in the OCI layout, from folders, without a container engine. The same folders and settings
 * give the same bytes. Nothing half-written is found under the final name.
 */
export interface ImageSettings {
  /** Like `docker.io/library/redis:7-node`. */
  readonly name: string;
  readonly layers: readonly string[];
  readonly entrypoint: readonly string[];
  readonly command?: readonly string[];
  readonly user?: string;
  readonly workingFolder?: string;
  readonly environment?: readonly string[];
}

const EPOCH = '1970-01-01T00:00:00Z';
const SAME_EACH_TIME = ['--sort=name', '--mtime=@0', '--owner=0', '--group=0', '--numeric-owner', '--format=gnu'];

export async function writeImageArchive(settings: ImageSettings, target: string): Promise<void> {
  await mkdir(dirname(target), { recursive: true });
  const work = await mkdtemp(`${target}.part-`);
  try {
    const blobs = join(work, 'blobs/sha256');
    await mkdir(blobs, { recursive: true });
    const layers = [];
    for (const folder of settings.layers) layers.push(await addLayer(folder, blobs));
    const config = await addJson(imageConfig(settings, layers), blobs);
    const manifest = await addJson(
      {
        schemaVersion: 2,
        mediaType: 'application/vnd.oci.image.manifest.v1+json',
        config: { mediaType: 'application/vnd.oci.image.config.v1+json', ...config },
        layers: layers.map((layer) => ({ mediaType: 'application/vnd.oci.image.layer.v1.tar', ...layer })),
      },
      blobs,
    );
    const entry = {
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      ...manifest,
      platform: PLATFORM,
      // containerd takes the full name from the first; others the tag from the second.
      annotations: {
        'io.containerd.image.name': settings.name,
        'org.opencontainers.image.ref.name': settings.name.split(':').at(-1),
      },
    };
    await writeFile(join(work, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
    const index = { schemaVersion: 2, mediaType: 'application/vnd.oci.image.index.v1+json', manifests: [entry] };
    await writeFile(join(work, 'index.json'), JSON.stringify(index));
    await tar('-C', work, '-cf', `${work}.tar`, 'oci-layout', 'index.json', 'blobs');
    await rename(`${work}.tar`, target);
  } finally {
    await rm(work, { recursive: true, force: true });
    await rm(`${work}.tar`, { force: true });
  }
}

interface Blob {
  readonly digest: string;
  readonly size: number;
}

const PLATFORM = { os: 'linux', architecture: process.arch === 'x64' ? 'amd64' : process.arch };

function imageConfig(settings: ImageSettings, layers: readonly Blob[]): object {
  const { user, workingFolder, entrypoint, command, environment = [] } = settings;
  return {
    created: EPOCH,
    ...PLATFORM,
    config: {
      ...(user === undefined ? {} : { User: user }),
      ...(workingFolder === undefined ? {} : { WorkingDir: workingFolder }),
      ...(command === undefined ? {} : { Cmd: command }),
      Entrypoint: entrypoint,
      Env: ['PATH=/usr/local/bin:/usr/bin:/bin', ...environment],
    },
    rootfs: { type: 'layers', diff_ids: layers.map(({ digest }) => digest) },
    history: layers.map(() => ({ created: EPOCH, created_by: 'crisp-mcp' })),
  };
}

async function addLayer(folder: string, blobs: string): Promise<Blob> {
  const file = join(blobs, 'layer.tar');
  await tar('-C', folder, '-cf', file, '.');
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk);
  const digest = hash.digest('hex');
  const { size } = await stat(file);
  await rename(file, join(blobs, digest));
  return { digest: `sha256:${digest}`, size };
}

async function addJson(value: object, blobs: string): Promise<Blob> {
  const bytes = Buffer.from(JSON.stringify(value));
  const digest = createHash('sha256').update(bytes).digest('hex');
  await writeFile(join(blobs, digest), bytes);
  return { digest: `sha256:${digest}`, size: bytes.length };
}

async function tar(...argv: string[]): Promise<void> {
  await promisify(execFile)('tar', [...SAME_EACH_TIME, ...argv], { timeout: 300_000 });
}
