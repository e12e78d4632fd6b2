import { TIERS_BY_PRIVILEGE } from '../catalog/tool.ts';
import { type Sandbox, type SandboxOptions, startSandbox } from './sandbox.ts';

/**
 * The sandbox as a process of its own: starts it and tells how to reach it, for people or as one JSON line for a
 * program. The credentials it prints open nothing but this sandbox. The caller closes it.
 */
export interface SandboxCommandOptions extends SandboxOptions {
  readonly output: 'text' | 'json';
  readonly write: (text: string) => void;
}

export async function runSandboxCommand(options: SandboxCommandOptions): Promise<Sandbox> {
  const sandbox = await startSandbox(options);
  options.write(options.output === 'json' ? describeForProgram(sandbox) : describeForPerson(sandbox));
  return sandbox;
}

function describeForProgram(sandbox: Sandbox): string {
  const { url, websiteId, credentials, state } = sandbox;
  const line = { event: 'sandbox', url, websiteId, credentials, ownerSecret: state.ownerSecret };
  return `${JSON.stringify(line)}\n`;
}

function describeForPerson(sandbox: Sandbox): string {
  const { url, websiteId, credentials, state } = sandbox;
  const tiers = TIERS_BY_PRIVILEGE.map((tier) => {
    const { identifier, key } = credentials[tier];
    return `  ${tier.padEnd(8)} ${identifier}:${key}\n`;
  });
  return [
    `Crisp sandbox at ${url}/v1/\n`,
    `Website ${websiteId} (${state.main.name})\n`,
    'Credentials, identifier:key for HTTP Basic with the tier in X-Crisp-Tier:\n',
    ...tiers,
    `Try: curl -u ${credentials.website.identifier}:${credentials.website.key} -H 'X-Crisp-Tier: website' ${url}/v1/website/${websiteId}/conversations/1\n`,
  ].join('');
}
