import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

/**
 * The Node that npm brings with the development dependencies: the official binary, of the version that the lock file pins,
 * never the Node of the machine. Its licence lies here, for npm removes the package that holds it at the next
 * `npm install`; a test compares the two while both are there.
 */
export interface BundledNode {
  readonly version: string;
  readonly program: string;
  readonly licence: string;
}

export async function bundledNode(root: string): Promise<BundledNode> {
  const folder = join(root, 'node_modules/node');
  const program = join(folder, 'bin/node');
  try {
    await access(program);
    const { version } = z
      .object({ version: z.string() })
      .parse(JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')));
    return { version, program, licence: await readFile(join(import.meta.dirname, 'licences/node.txt'), 'utf8') };
  } catch (error) {
    throw new Error(
      `Node cannot be taken from ${folder}. Remedy: npm ci --include=dev, with scripts allowed for the package "node"`,
      { cause: error },
    );
  }
}
