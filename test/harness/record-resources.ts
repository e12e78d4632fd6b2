import { createWriteStream, mkdirSync, readFileSync, type WriteStream } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, request } from 'undici';
import type { ControlPlaneInfo } from './control-plane.ts';
import { outputFolder } from './run-folder.ts';

/**
 * Writes every version of our resources, and every event and lease, of a cluster into the run's output folder: what people
 * and programs with read access could have seen, for reading after a failure and for the leak search. Secrets are left
 * out: holding tokens is what they are for.
 */
export interface Recording {
  stop(): Promise<void>;
}

const RECORDED: Readonly<Record<string, string>> = {
  accounts: '/apis/crispmcp.io/v1alpha1/crispaccounts',
  servers: '/apis/crispmcp.io/v1alpha1/crispmcpservers',
  apiTokens: '/apis/crispmcp.io/v1alpha1/crispapitokens',
  events: '/api/v1/events',
  configmaps: '/api/v1/configmaps',
  leases: '/apis/coordination.k8s.io/v1/leases',
};

export function recordResources(server: ControlPlaneInfo): Recording {
  const abort = new AbortController();
  const dispatcher = new Agent({ connect: { ca: readFileSync(server.caFile) }, bodyTimeout: 0 });
  const folder = join(outputFolder(), `resources-${server.name}`);
  mkdirSync(folder, { recursive: true });
  const recorders = Object.entries(RECORDED).map(async ([name, path]) => {
    const file = createWriteStream(join(folder, `${name}.jsonl`));
    while (!abort.signal.aborted) {
      await follow(server, `${path}?watch=true`, file, dispatcher, abort.signal).catch(() => {});
      await sleep(200, undefined, { signal: abort.signal }).catch(() => {});
    }
    await new Promise((resolve) => file.end(resolve));
  });
  return {
    async stop() {
      await sleep(300); // The last events of the last test are still on their way.
      abort.abort();
      await Promise.all(recorders);
      await dispatcher.destroy();
    },
  };
}

async function follow(
  server: ControlPlaneInfo,
  path: string,
  file: WriteStream,
  dispatcher: Agent,
  signal: AbortSignal,
): Promise<void> {
  const { body, statusCode } = await request(`${server.url}${path}`, {
    dispatcher,
    signal,
    headers: { authorization: `Bearer ${server.adminToken}` },
  });
  if (statusCode !== 200) {
    await body.dump();
    return;
  }
  for await (const chunk of body) file.write(chunk);
}
