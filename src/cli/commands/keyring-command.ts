import { Command } from 'commander';
import { systemRandom } from '../../process/random.ts';
import { newKeyringEntry } from '../../routes/keyring.ts';

/** `crisp-mcp keyring`: a fresh key for the file `current` of a keyring, on stdout. */
export function keyringCommand(): Command {
  return new Command('keyring')
    .addHelpText(
      'after',
      `
The keyring signs routes and seals Crisp credentials in Redis. Operator and gateway read the same one. For example:

  crisp-mcp keyring > current
  kubectl create secret generic crisp-mcp-keyring --from-file=current

To rotate it later: crisp-mcp keys rotate.`,
    )
    .action(() => {
      process.stdout.write(`${newKeyringEntry(systemRandom)}\n`);
    });
}
