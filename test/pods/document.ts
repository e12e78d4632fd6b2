import { readFileSync } from 'node:fs';

/**
 * The steps of a document: shell blocks, each under a comment with its name. What stands in the document is what a test
 * runs; a block of shell without a name, or one name twice, is refused.
 *
 *     <!-- step: install -->
 *     ```sh
 *     helm install …
 *     ```
 */
export interface DocumentStep {
  readonly name: string;
  readonly commands: string;
}

const STEP = /(?:<!-- step: (?<name>[a-z-]+) -->\n)?```sh\n(?<commands>.*?)```\n/gs;

export function stepsOf(path: string): DocumentStep[] {
  const steps = [...readFileSync(path, 'utf8').matchAll(STEP)].map(({ groups = {} }) => {
    const { name, commands = '' } = groups;
    if (name === undefined) throw new Error(`${path} has a shell block without a name:\n${commands}`);
    return { name, commands };
  });
  const names = steps.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new Error(`${path} has two steps named "${twice}"`);
  return steps;
}
