import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { NodePrograms } from '../../../scripts/binaries/node-programs.ts';
import { cachedImage } from './cached-image.ts';

/** The images that the node itself needs, each of one static program. */
export const PAUSE_IMAGE = 'registry.k8s.io/pause:3.10';

export async function systemImages(programs: NodePrograms): Promise<string[]> {
  return [
    await ofOneProgram(programs.pause, PAUSE_IMAGE, '65535:65535'),
    await ofOneProgram(programs.coredns, 'registry.k8s.io/coredns/coredns:node', '0:0'),
  ];
}

async function ofOneProgram(program: string, name: string, user: string): Promise<string> {
  const path = `/${basename(program)}`;
  const hash = createHash('sha256')
    .update(await readFile(program))
    .digest('hex');
  const entry = { path, content: { kind: 'file', source: program }, mode: 0o755 } as const;
  return await cachedImage({
    name,
    key: [hash, user],
    config: { Entrypoint: [path], User: user },
    layers: async () => [{ comment: basename(program), entries: [entry] }],
  });
}
