import { join, relative } from 'node:path';
import { type BuiltImage, buildImage } from './image/build-image.ts';
import { parseImageCommandLine, USAGE, UsageError } from './image/image-command-line.ts';

/** `npm run image`: the image as an OCI archive; see its `--help`. Words for people go to stderr, the result to stdout. */
const root = join(import.meta.dirname, '..');

function describe(image: BuiltImage): string {
  const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(2)} MB`.padStart(10);
  const rows = image.layers.map((layer) => `${megabytes(layer.size)}  ${layer.comment}`);
  const file = relative(process.cwd(), image.output);
  return `${image.fullName}\n${image.digest}\n${rows.join('\n')}\n${megabytes(image.bytes)}  in all, in ${file}`;
}

try {
  const commandLine = parseImageCommandLine(process.argv.slice(2));
  if (commandLine.help) {
    console.log(USAGE);
  } else {
    const image = await buildImage({ root, ...commandLine });
    console.error(describe(image));
    const { name, fullName, digest, bytes, output } = image;
    console.log(JSON.stringify({ name, fullName, digest, bytes, output }));
  }
} catch (error) {
  console.error(error instanceof UsageError ? error.message : error);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
