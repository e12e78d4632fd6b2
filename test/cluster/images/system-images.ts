import { createHash } from 'node:crypto';
import { copyFile, mkdir, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { cacheHome } from '../../../scripts/binaries/find.ts';
import type { NodePrograms } from '../../../scripts/binaries/node-programs.ts';
import { PAUSE_IMAGE } from '../node/configuration.ts';
import { type ImageSettings, writeImageArchive } from './archive.ts';

/** The images that the node itself needs, each of one static program; kept in the cache. */
export async function systemImages(programs: NodePrograms): Promise<string[]> {
  return [
    await ofOneProgram(programs.pause, { name: PAUSE_IMAGE, user: '65535:65535' }),
    await ofOneProgram(programs.coredns, { name: 'registry.k8s.io/coredns/coredns:node' }),
  ];
}

async function ofOneProgram(program: string, settings: Pick<ImageSettings, 'name' | 'user'>): Promise<string> {
  const hash = createHash('sha256')
    .update(await readFile(program))
    .update(JSON.stringify(settings));
  const file = `${basename(program)}-${hash.digest('hex').slice(0, 12)}.tar`;
  const target = join(imageCache(), file);
  if ((await stat(target).catch(() => undefined)) !== undefined) return target;
  const layer = await mkdtemp(join(tmpdir(), 'crisp-mcp-image-'));
  try {
    await mkdir(layer, { recursive: true });
    await copyFile(program, join(layer, basename(program)));
    await writeImageArchive({ ...settings, layers: [layer], entrypoint: [`/${basename(program)}`] }, target);
    return target;
  } finally {
    await rm(layer, { recursive: true, force: true });
  }
}

export function imageCache(): string {
  return join(cacheHome(process.env), 'crisp-mcp-operator', 'images');
}
