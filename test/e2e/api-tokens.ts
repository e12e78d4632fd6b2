import { request } from 'undici';
import { z } from 'zod';
import type { CrispApiToken } from '../../src/resources/crisp-api-token.ts';
import { API_TOKEN_LABEL } from '../../src/resources/names.ts';
import { issueSecret } from '../harness/issued-secrets.ts';
import type { Installation } from './installation.ts';
import { apiTokenManifest } from './manifests.ts';

/** What people and clients do with API tokens: apply them, read them from their Secrets, send them beside a URL. */
type Specs = Readonly<Record<string, Partial<CrispApiToken['spec']>>>;

const Secrets = z.object({
  items: z.array(
    z.object({
      metadata: z.object({ labels: z.record(z.string(), z.string()) }),
      data: z.object({ token: z.string() }),
    }),
  ),
});

/** Applies one for each name, for the server `vault` unless told otherwise; the tokens by name, once all are Ready. */
export async function issueApiTokens(site: Installation, specs: Specs): Promise<ReadonlyMap<string, string>> {
  const { cluster, namespace } = site;
  const names = Object.keys(specs);
  await cluster.apply(
    names.map((name) => apiTokenManifest(namespace, name, { scopes: ['connect'], servers: ['vault'], ...specs[name] })),
  );
  const resources = names.map((name) => `crispapitoken/${name}`);
  await site.kubectl('wait', '--for=condition=Ready', ...resources, '--timeout=30s');
  const listed = Secrets.parse(
    JSON.parse(await site.kubectl('get', 'secrets', `--selector=${API_TOKEN_LABEL}`, '-o', 'json')),
  );
  const tokens = new Map(
    listed.items.map(({ metadata, data }) => [
      metadata.labels[API_TOKEN_LABEL] ?? '',
      Buffer.from(data.token, 'base64').toString('utf8'),
    ]),
  );
  return new Map(
    names.map((name) => {
      const token = tokens.get(name) ?? '';
      issueSecret(token, `CrispApiToken ${namespace}/${name}`);
      return [name, token];
    }),
  );
}

export async function issueApiToken(site: Installation, name: string, spec: Specs[string] = {}): Promise<string> {
  return (await issueApiTokens(site, { [name]: spec })).get(name) ?? '';
}

/** One request that sends an API token, or none. */
export async function askWith(url: string, apiToken: string | undefined): Promise<{ status: number; text: string }> {
  const authorization = apiToken === undefined ? {} : { authorization: `Bearer ${apiToken}` };
  const response = await request(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...authorization },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' }),
  });
  return { status: response.statusCode, text: await response.body.text() };
}
