import { readFile } from 'node:fs/promises';
import type { Commands } from './commands.ts';
import { HOST_INTERFACE, NODE_ADDRESS, POD_RANGE, SERVICE_RANGE } from './layout.ts';

/**
 * Why this machine cannot be a node, in a sentence, or `undefined` when it can. Asked before anything is fetched or built.
 */
export interface Machine {
  readonly platform: NodeJS.Platform;
  readonly userId: number;
  /** The process's effective capabilities, as the kernel shows them. */
  readonly capabilities: bigint;
}

/** By their numbers in the kernel's `capability.h`. */
const NEEDED = [
  ['CAP_NET_ADMIN', 12n],
  ['CAP_SYS_CHROOT', 18n],
  ['CAP_SYS_ADMIN', 21n],
] as const;

export async function thisMachine(): Promise<Machine> {
  const status = await readFile('/proc/self/status', 'utf8').catch(() => '');
  const mask = /^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? '0';
  return { platform: process.platform, userId: process.getuid?.() ?? -1, capabilities: BigInt(`0x${mask}`) };
}

export function whyNoNode(machine: Machine): string | undefined {
  if (machine.platform !== 'linux') return `a node is made of Linux namespaces, and this is ${machine.platform}`;
  if (machine.userId !== 0) return 'a node can be made by root only';
  const missing = NEEDED.filter(([, bit]) => (machine.capabilities & (1n << bit)) === 0n).map(([name]) => name);
  if (missing.length > 0) return `root lacks ${missing.join(', ')} here, as in a container that is not privileged`;
  return undefined;
}

/** Whether a network of the machine has the addresses that the node would take. */
export async function addressesTaken(commands: Commands): Promise<string | undefined> {
  const routes = await commands.run('ip', ['-4', 'route', 'show']);
  const ours = [POD_RANGE, SERVICE_RANGE, NODE_ADDRESS.replace(/\d+$/, '')];
  const line = routes
    .split('\n')
    .find((route) => !route.includes(HOST_INTERFACE) && ours.some((range) => route.startsWith(range)));
  return line === undefined ? undefined : `the machine already has a route that the node would take: ${line.trim()}`;
}
