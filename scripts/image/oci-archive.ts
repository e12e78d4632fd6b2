import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { fullImageName } from './image-name.ts';
import { type TarEntry, tarStream } from './tar.ts';

/**
 * Writes one image of one platform as an OCI image layout in a tar file, without a container engine: for `ctr images
 * import`, `docker load`, `kind load image-archive`, `skopeo copy oci-archive:`. The same input gives the same bytes, so
 * the digest names the content. The file appears under its name only when it is whole.
 */
export interface ImageDescription {
  /** `crisp-mcp:0.1.0`, as a Pod's `image:` says it. */
  readonly name: string;
  readonly platform: ImagePlatform;
  /** From the bottom up. A layer that stays the same between two builds has the same digest and is not imported again. */
  readonly layers: readonly ImageLayer[];
  readonly config: ImageConfig;
  /** When it was created, in seconds since 1970 (SOURCE_DATE_EPOCH). */
  readonly epoch: number;
  readonly output: string;
  /** `gzip` (default) for what is sent over a network; `none` for a machine's own use, where it saves most of the time. */
  readonly compression?: Compression;
}

export type Compression = 'gzip' | 'none';

export interface ImagePlatform {
  readonly os: 'linux';
  readonly architecture: 'amd64' | 'arm64';
}

export interface ImageLayer {
  /** What is in it, for `docker history`. */
  readonly comment: string;
  readonly entries: readonly TarEntry[];
  /** The time of its files, in seconds. Without it 1970, so that a layer is the same in every build that has its files. */
  readonly epoch?: number;
}

/** The part of an image's configuration that says how it runs; names as in the OCI specification. */
export interface ImageConfig {
  readonly User?: string;
  readonly WorkingDir?: string;
  readonly Env?: readonly string[];
  readonly Entrypoint?: readonly string[];
  readonly Cmd?: readonly string[];
  readonly ExposedPorts?: Readonly<Record<string, Readonly<Record<string, never>>>>;
  readonly Labels?: Readonly<Record<string, string>>;
}

export interface WrittenImage {
  /** The name that containerd gives it: `docker.io/library/crisp-mcp:0.1.0`. */
  readonly fullName: string;
  /** Of the manifest: what `image@sha256:…` names. */
  readonly digest: string;
  /** What a node downloads: configuration and compressed layers. */
  readonly bytes: number;
  readonly layers: readonly WrittenLayer[];
}

export interface WrittenLayer extends Blob {
  readonly comment: string;
  readonly diffId: string;
}

interface Blob {
  readonly digest: string;
  readonly size: number;
}

const OCI = 'application/vnd.oci.image';
const GZIP_LEVEL = 6;

export async function writeOciArchive(image: ImageDescription): Promise<WrittenImage> {
  const output = resolve(image.output);
  const fullName = fullImageName(image.name);
  const compression = image.compression ?? 'gzip';
  await mkdir(dirname(output), { recursive: true });
  const work = await mkdtemp(join(dirname(output), '.image-'));
  try {
    const blobs = join(work, 'blobs');
    await mkdir(blobs);
    const layers: WrittenLayer[] = [];
    for (const layer of image.layers) layers.push(await writeLayer(layer, { blobs, compression }));
    const config = await writeJsonBlob(blobs, configuration(image, layers));
    const manifest = await writeJsonBlob(blobs, manifestOf(config, layers, compression, image.config.Labels));
    const files: TarEntry[] = [
      text('/oci-layout', { imageLayoutVersion: '1.0.0' }),
      text('/index.json', indexOf(manifest, image.platform, fullName)),
      text('/manifest.json', [
        { Config: blobPath(config), RepoTags: [image.name], Layers: layers.map((layer) => blobPath(layer)) },
      ]),
      ...uniqueBlobs([config, manifest, ...layers]).map(
        (blob): TarEntry => ({
          path: `/${blobPath(blob)}`,
          content: { kind: 'file', source: join(blobs, hexOf(blob)) },
        }),
      ),
    ];
    const whole = join(work, 'archive.tar');
    await pipeline(Readable.from(tarStream(files, 0)), createWriteStream(whole));
    await rename(whole, output);
    const bytes = config.size + layers.reduce((sum, layer) => sum + layer.size, 0);
    return { fullName, digest: manifest.digest, bytes, layers };
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function writeLayer(
  layer: ImageLayer,
  { blobs, compression }: { blobs: string; compression: Compression },
): Promise<WrittenLayer> {
  const partial = join(blobs, 'partial');
  const plain = createHash('sha256');
  const counted = async function* (): AsyncGenerator<Buffer> {
    for await (const chunk of tarStream(layer.entries, layer.epoch ?? 0)) {
      plain.update(chunk);
      yield chunk;
    }
  };
  const source = Readable.from(counted());
  // The header of Node's gzip holds no time and no name, so the same layer gives the same bytes.
  if (compression === 'gzip') await pipeline(source, createGzip({ level: GZIP_LEVEL }), createWriteStream(partial));
  else await pipeline(source, createWriteStream(partial));
  const hash = createHash('sha256');
  await pipeline(createReadStream(partial), hash);
  const blob = { digest: `sha256:${hash.digest('hex')}`, size: (await stat(partial)).size };
  await rename(partial, join(blobs, hexOf(blob)));
  return { ...blob, comment: layer.comment, diffId: `sha256:${plain.digest('hex')}` };
}

async function writeJsonBlob(blobs: string, value: unknown): Promise<Blob> {
  const bytes = Buffer.from(JSON.stringify(value));
  const blob = { digest: `sha256:${createHash('sha256').update(bytes).digest('hex')}`, size: bytes.length };
  await writeFile(join(blobs, hexOf(blob)), bytes);
  return blob;
}

function configuration(image: ImageDescription, layers: readonly WrittenLayer[]): unknown {
  const created = new Date(image.epoch * 1000).toISOString();
  return {
    created,
    ...image.platform,
    config: image.config,
    rootfs: { type: 'layers', diff_ids: layers.map((layer) => layer.diffId) },
    history: layers.map((layer) => ({ created, created_by: layer.comment })),
  };
}

function manifestOf(
  config: Blob,
  layers: readonly WrittenLayer[],
  compression: Compression,
  annotations: Readonly<Record<string, string>> | undefined,
): unknown {
  const layerType = `${OCI}.layer.v1.tar${compression === 'gzip' ? '+gzip' : ''}`;
  return {
    schemaVersion: 2,
    mediaType: `${OCI}.manifest.v1+json`,
    config: { mediaType: `${OCI}.config.v1+json`, digest: config.digest, size: config.size },
    layers: layers.map(({ digest, size }) => ({ mediaType: layerType, digest, size })),
    ...(annotations === undefined ? {} : { annotations }),
  };
}

function indexOf(manifest: Blob, platform: ImagePlatform, fullName: string): unknown {
  return {
    schemaVersion: 2,
    mediaType: `${OCI}.index.v1+json`,
    manifests: [
      {
        mediaType: `${OCI}.manifest.v1+json`,
        digest: manifest.digest,
        size: manifest.size,
        platform,
        // containerd takes the name from the first, skopeo and podman from the second.
        annotations: {
          'io.containerd.image.name': fullName,
          'org.opencontainers.image.ref.name': fullName.slice(fullName.lastIndexOf(':') + 1),
        },
      },
    ],
  };
}

function text(path: string, value: unknown): TarEntry {
  return { path, content: { kind: 'text', text: JSON.stringify(value) } };
}

function hexOf(blob: Blob): string {
  return blob.digest.slice('sha256:'.length);
}

function blobPath(blob: Blob): string {
  return `blobs/sha256/${hexOf(blob)}`;
}

/** Two equal layers are one blob. */
function uniqueBlobs(blobs: readonly Blob[]): Blob[] {
  return [...new Map(blobs.map((blob) => [blob.digest, blob])).values()];
}
