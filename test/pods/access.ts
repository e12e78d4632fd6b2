import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { request } from 'undici';
import { z } from 'zod';
import { cluster } from './people.ts';

/**
 * Asks the API server, one by one, whether somebody may do something: what `kubectl auth can-i` asks, by the thousand. It
 * goes through `kubectl proxy`, which brings the administrator's identity.
 */
export interface Question {
  readonly verb: string;
  readonly apiGroup: string;
  /** With its subresource: `pods/exec`. */
  readonly resource: string;
  readonly name?: string;
  /** Absent: in all namespaces. */
  readonly namespace?: string;
}

export interface Access {
  may(serviceAccount: string, question: Question): Promise<boolean>;
  /** Every resource that the API server has, subresources too. */
  resources(): Promise<readonly { apiGroup: string; resource: string }[]>;
  close(): void;
}

const Review = z.object({ status: z.object({ allowed: z.boolean() }) });
const Groups = z.object({ groups: z.array(z.object({ preferredVersion: z.object({ groupVersion: z.string() }) })) });
const Resources = z.object({ groupVersion: z.string(), resources: z.array(z.object({ name: z.string() })) });

export async function openAccess(): Promise<Access> {
  const argv = ['--kubeconfig', cluster.kubeconfig, 'proxy', '--port=0', '--disable-filter=false'];
  const proxy = spawn(cluster.kubectl, argv, { stdio: ['ignore', 'pipe', 'ignore'] });
  const origin = await new Promise<string>((resolve, reject) => {
    createInterface({ input: proxy.stdout }).on('line', (line) => {
      const port = /127\.0\.0\.1:(\d+)/.exec(line)?.[1];
      if (port !== undefined) resolve(`http://127.0.0.1:${port}`);
    });
    proxy.once('exit', (code) => reject(new Error(`kubectl proxy ended with ${code}`)));
  });
  const get = async (path: string): Promise<unknown> => (await request(`${origin}${path}`)).body.json();

  return {
    async may(serviceAccount, { verb, apiGroup, resource, name, namespace }) {
      const [namespaceOfAccount = ''] = serviceAccount.split(':');
      const [kind, subresource] = resource.split('/');
      const { body } = await request(`${origin}/apis/authorization.k8s.io/v1/subjectaccessreviews`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          apiVersion: 'authorization.k8s.io/v1',
          kind: 'SubjectAccessReview',
          spec: {
            user: `system:serviceaccount:${serviceAccount}`,
            groups: ['system:serviceaccounts', `system:serviceaccounts:${namespaceOfAccount}`, 'system:authenticated'],
            resourceAttributes: { verb, group: apiGroup, resource: kind, subresource, name, namespace },
          },
        }),
      });
      return Review.parse(await body.json()).status.allowed;
    },
    async resources() {
      const groups = Groups.parse(await get('/apis')).groups.map((group) => group.preferredVersion.groupVersion);
      const lists = await Promise.all(['/api/v1', ...groups.map((version) => `/apis/${version}`)].map(get));
      return lists.flatMap((list) => {
        const { groupVersion, resources } = Resources.parse(list);
        const apiGroup = groupVersion.includes('/') ? (groupVersion.split('/')[0] ?? '') : '';
        return resources.map(({ name }) => ({ apiGroup, resource: name }));
      });
    },
    close() {
      proxy.kill();
    },
  };
}
