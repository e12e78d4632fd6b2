import { writeFileSync } from 'node:fs';

/** Writes a kubeconfig (JSON is YAML) for one server and one bearer token, readable by its owner alone. */
export function writeKubeconfig(path: string, server: { url: string; caFile: string }, token: string): void {
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'test',
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
    clusters: [{ name: 'test', cluster: { server: server.url, 'certificate-authority': server.caFile } }],
    users: [{ name: 'test', user: { token } }],
  };
  writeFileSync(path, JSON.stringify(config, undefined, 2), { mode: 0o600 });
}
