import { join } from 'node:path';
import { applicationLayers } from './application-layers.ts';
import { baseLayer } from './base-layer.ts';
import { bundledNode } from './bundled-node.ts';
import { withCompiledProgram } from './compile.ts';
import { imageConfig } from './image-description.ts';
import { type Compression, type ImagePlatform, type WrittenImage, writeOciArchive } from './oci-archive.ts';
import { sourceState } from './source-state.ts';

/** Builds the image of this checkout. Layers from the bottom: Node, dependencies, program; a commit changes the last one. */
export interface BuildOptions {
  readonly root: string;
  readonly platform: ImagePlatform;
  readonly compression: Compression;
  /** Default: `crisp-mcp:VERSION`. */
  readonly tag?: string | undefined;
  readonly output?: string | undefined;
}

export interface BuiltImage extends WrittenImage {
  readonly name: string;
  readonly output: string;
}

export async function buildImage({ root, platform, compression, tag, output }: BuildOptions): Promise<BuiltImage> {
  const source = await sourceState(root);
  const name = tag ?? `crisp-mcp:${source.version}`;
  const file = output ?? join(root, `dist-image/crisp-mcp-${source.version}-${platform.architecture}.tar`);
  const base = await baseLayer(await bundledNode(root));
  const written = await withCompiledProgram(root, async (dist) => {
    const { dependencies, application } = await applicationLayers({ root, dist, epoch: source.epoch });
    return writeOciArchive({
      name,
      platform,
      compression,
      layers: [base, dependencies, application],
      config: imageConfig(source),
      epoch: source.epoch,
      output: file,
    });
  });
  return { ...written, name, output: file };
}
