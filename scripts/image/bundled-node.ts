import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

/**
 * The Node that npm brings with the development dependencies: the official binary, of the version that the lock file pins,
 * with its licence. Never the Node of the machine.
 */
export interface BundledNode {
  readonly version: string;
  readonly program: string;
  readonly licence: string;
}

export async function bundledNode(root: string): Promise<BundledNode> {
  const folder = join(root, 'node_modules/node');
  const platform = `node-${process.platform}-${process.arch}`;
  const program = join(folder, 'bin/node');
  try {
    await access(program);
    const text = await readFile(join(folder, 'package.json'), 'utf8');
    const { version } = z.object({ version: z.string() }).parse(JSON.parse(text));
    return {
      version,
      program,
      licence: await licenceText([join(folder, 'node_modules', platform), join(root, 'node_modules', platform)]),
    };
  } catch (error) {
    throw new Error(
      `Node cannot be taken from ${folder}. Remedy: npm ci --include=dev, with scripts allowed for the package "node"`,
      { cause: error },
    );
  }
}

/** npm puts the package for the platform beside `node` or below it. */
async function licenceText(folders: readonly string[]): Promise<string> {
  const texts = await Promise.all(
    folders.map((folder) => readFile(join(folder, 'LICENSE'), 'utf8').catch(() => undefined)),
  );
  const text = texts.find((found) => found !== undefined);
  if (text === undefined) throw new Error(`no LICENSE in ${folders.join(' or ')}`);
  return text;
}
