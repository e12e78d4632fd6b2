import { parseArgs } from 'node:util';
import type { Compression, ImagePlatform } from './oci-archive.ts';

/** The options of `npm run image`. A mistake is a {@link UsageError} with one sentence. */
export interface ImageCommandLine {
  readonly help: boolean;
  readonly output: string | undefined;
  readonly tag: string | undefined;
  readonly platform: ImagePlatform;
  readonly compression: Compression;
}

export class UsageError extends Error {
  readonly code = 'USAGE';
}

export const USAGE = `Usage: npm run image -- [options]

Compiles the program and writes its image as an OCI archive, without a container engine. The same sources give the same
digest. The last line on standard output is a JSON object: name, digest, file, sizes.

Options:
  --output FILE       where it goes (default: dist-image/crisp-mcp-VERSION-ARCH.tar)
  --tag NAME:TAG      the image's name (default: crisp-mcp:VERSION)
  --platform OS/ARCH  linux/amd64 or linux/arm64; only this machine's (default)
  --compression KIND  gzip (default), or none: quicker, for a node on this machine
  --help              this text

Then, one of:
  sudo ctr --namespace k8s.io images import FILE     a node that runs containerd
  docker load --input FILE                           Docker 25 or newer
  kind load image-archive FILE                       kind
  skopeo copy oci-archive:FILE docker://REGISTRY/crisp-mcp:VERSION
`;

export function parseImageCommandLine(
  argv: readonly string[],
  machine: { platform: string; arch: string } = process,
): ImageCommandLine {
  const values = parse(argv);
  const own = platformOf(`${machine.platform}/${machine.arch === 'x64' ? 'amd64' : machine.arch}`);
  const platform = values.platform === undefined ? own : platformOf(values.platform);
  if (values.help !== true) {
    if (platform === undefined) {
      throw new UsageError(
        values.platform === undefined
          ? `The image is made of this machine's Node and libraries, and ${machine.platform}/${machine.arch} is no platform of it. Remedy: docker build .`
          : `--platform is linux/amd64 or linux/arm64, not ${values.platform}`,
      );
    }
    if (platform.architecture !== own?.architecture) {
      throw new UsageError(
        `${values.platform} cannot be made on ${machine.platform}/${machine.arch}: the libraries are this machine's. ` +
          `Remedy: run it on such a machine, or docker buildx build --platform ${values.platform} .`,
      );
    }
  }
  const compression = values.compression ?? 'gzip';
  if (compression !== 'gzip' && compression !== 'none') {
    throw new UsageError(`--compression is gzip or none, not ${compression}`);
  }
  return {
    help: values.help === true,
    output: values.output,
    tag: values.tag,
    platform: platform ?? { os: 'linux', architecture: 'amd64' },
    compression,
  };
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      options: {
        output: { type: 'string' },
        tag: { type: 'string' },
        platform: { type: 'string' },
        compression: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    }).values;
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : error}\n\n${USAGE}`);
  }
}

function platformOf(text: string): ImagePlatform | undefined {
  if (text === 'linux/amd64') return { os: 'linux', architecture: 'amd64' };
  if (text === 'linux/arm64') return { os: 'linux', architecture: 'arm64' };
  return undefined;
}
