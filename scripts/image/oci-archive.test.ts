import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { type ImageDescription, writeOciArchive } from './oci-archive.ts';

const Descriptor = z.object({ mediaType: z.string(), digest: z.string(), size: z.number() });
const Index = z.object({
  manifests: z.tuple([
    Descriptor.extend({ annotations: z.record(z.string(), z.string()), platform: z.record(z.string(), z.string()) }),
  ]),
});
const Manifest = z.object({ config: Descriptor, layers: z.array(Descriptor) });
const Config = z.object({
  created: z.string(),
  architecture: z.string(),
  os: z.string(),
  config: z.object({ User: z.string(), Entrypoint: z.array(z.string()) }),
  rootfs: z.object({ diff_ids: z.array(z.string()) }),
});

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crisp-mcp-oci-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function description(change: Partial<ImageDescription> = {}): ImageDescription {
  return {
    name: 'demo:1',
    platform: { os: 'linux', architecture: 'amd64' },
    layers: [
      { comment: 'base', entries: [{ path: '/etc/passwd', content: { kind: 'text', text: 'root' } }] },
      { comment: 'app', entries: [{ path: '/app/main', content: { kind: 'text', text: 'run' } }] },
    ],
    config: { User: '65532:65532', Entrypoint: ['/app/main'] },
    epoch: 1_700_000_000,
    output: join(folder, 'demo.tar'),
    ...change,
  };
}

async function unpack(archive: string): Promise<string> {
  const target = await mkdtemp(join(folder, 'unpacked-'));
  await promisify(execFile)('tar', ['-xf', archive, '-C', target]);
  return target;
}

function digestOf(bytes: Buffer): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

test('every descriptor names a blob by its digest and size, down to the layers', async () => {
  const image = description();
  const written = await writeOciArchive(image);
  const root = await unpack(image.output);
  const blob = async (descriptor: z.infer<typeof Descriptor>): Promise<Buffer> => {
    const bytes = await readFile(join(root, 'blobs', ...descriptor.digest.split(':')));
    expect(digestOf(bytes)).toBe(descriptor.digest);
    expect(bytes.length).toBe(descriptor.size);
    return bytes;
  };
  const json = async (path: string): Promise<unknown> => JSON.parse(await readFile(join(root, path), 'utf8'));

  expect(await json('oci-layout')).toEqual({ imageLayoutVersion: '1.0.0' });
  const [entry] = Index.parse(await json('index.json')).manifests;
  expect(entry.digest).toBe(written.digest);
  expect(entry.platform).toEqual({ os: 'linux', architecture: 'amd64' });
  expect(entry.annotations).toEqual({
    'io.containerd.image.name': 'docker.io/library/demo:1',
    'org.opencontainers.image.ref.name': '1',
  });

  const manifest = Manifest.parse(JSON.parse((await blob(entry)).toString()));
  const config = Config.parse(JSON.parse((await blob(manifest.config)).toString()));
  expect(config.config).toEqual(image.config);
  expect(config.created).toBe('2023-11-14T22:13:20.000Z');
  const layers = await Promise.all(manifest.layers.map(blob));
  expect(layers.map((layer) => digestOf(gunzipSync(layer)))).toEqual(config.rootfs.diff_ids);
  expect(written.bytes).toBe(manifest.config.size + layers.reduce((sum, layer) => sum + layer.length, 0));
});

test('what Docker reads beside it names the same files', async () => {
  const image = description();
  await writeOciArchive(image);
  const root = await unpack(image.output);
  const Docker = z.tuple([
    z.object({ Config: z.string(), RepoTags: z.array(z.string()), Layers: z.array(z.string()) }),
  ]);
  const [docker] = Docker.parse(JSON.parse(await readFile(join(root, 'manifest.json'), 'utf8')));
  expect(docker.RepoTags).toEqual(['demo:1']);
  expect(docker.Layers).toHaveLength(2);
  for (const path of [docker.Config, ...docker.Layers]) await readFile(join(root, path));
});

test('the same input gives the same archive; another application keeps the layers below it', async () => {
  const first = await writeOciArchive(description());
  const second = await writeOciArchive(description({ output: join(folder, 'again.tar') }));
  expect(await readFile(join(folder, 'again.tar'))).toEqual(await readFile(join(folder, 'demo.tar')));
  expect(second.digest).toBe(first.digest);

  const [base] = description().layers;
  const app = { comment: 'app', entries: [{ path: '/app/main', content: { kind: 'text' as const, text: 'changed' } }] };
  const third = await writeOciArchive(description({ layers: base === undefined ? [] : [base, app] }));
  expect(third.digest).not.toBe(first.digest);
  expect(third.layers[0]).toEqual(first.layers[0]);
});

test('without compression a layer is its own tar', async () => {
  const written = await writeOciArchive(description({ compression: 'none' }));
  for (const layer of written.layers) expect(layer.digest).toBe(layer.diffId);
});

test('a build that fails leaves nothing behind, and what was there before untouched', async () => {
  await writeOciArchive(description());
  const before = await readFile(join(folder, 'demo.tar'));
  const lost = { path: '/x', content: { kind: 'file' as const, source: join(folder, 'missing') } };
  const broken = description({ layers: [{ comment: 'lost', entries: [lost] }] });
  await expect(writeOciArchive(broken)).rejects.toThrow('missing');
  expect(await readFile(join(folder, 'demo.tar'))).toEqual(before);
  expect(await readdir(folder)).toEqual(['demo.tar']);
});

test('folders for the output are made', async () => {
  const output = join(folder, 'deep/er/demo.tar');
  await mkdir(join(folder, 'deep'));
  await writeOciArchive(description({ output }));
  expect((await readFile(output)).length).toBeGreaterThan(0);
});
