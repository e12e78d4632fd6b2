import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { ELECTION_PERMISSIONS, OPERATOR_PERMISSIONS, type Permission } from '../../src/operator/permissions.ts';
import { type Access, openAccess, type Question } from './access.ts';
import { evidenceOnFailure } from './evidence.ts';
import { apply, freshName, kubectl, restrictedNamespace } from './people.ts';

/** What a Pod of the release may do in the cluster and reach in its network, and what others may not. */
const STRANGERS = freshName('strangers');
const VERBS = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection'];
/** What Kubernetes lets every account ask about itself. */
const ABOUT_ONESELF = /^self(subject)/;

export function describeBoundaries(home: string): void {
  let access: Access;
  const toClose: (() => void)[] = [];

  beforeAll(async () => {
    await restrictedNamespace(STRANGERS);
    access = await openAccess();
    toClose.push(access.close);
  });

  afterAll(async () => {
    for (const close of toClose) close();
    await kubectl(['delete', 'namespace', STRANGERS, '--wait=false']);
  });

  describe('asked one by one what it may do', () => {
    test('the operator may do what its permissions say, and nothing else', async () => {
      evidenceOnFailure(home);
      const everywhere = await allowedTo(access, `${home}:crisp-mcp-operator`, undefined);
      expect(everywhere).toEqual(written(OPERATOR_PERMISSIONS));
      const atHome = await allowedTo(access, `${home}:crisp-mcp-operator`, home);
      const election = ELECTION_PERMISSIONS.filter((permission) => permission.resourceNames === undefined);
      expect(atHome).toEqual(written([...OPERATOR_PERMISSIONS, ...election]));
      const lease = (verb: string, name: string): Promise<boolean> =>
        access.may(`${home}:crisp-mcp-operator`, {
          verb,
          apiGroup: 'coordination.k8s.io',
          resource: 'leases',
          name,
          namespace: home,
        });
      expect(await Promise.all(['get', 'update', 'delete'].map((verb) => lease(verb, 'crisp-mcp-operator')))).toEqual([
        true,
        true,
        false,
      ]);
      expect(await lease('get', 'of-somebody-else')).toBe(false);
    });

    test.each(['crisp-mcp-gateway', 'default'])('%s may do nothing', async (account) => {
      evidenceOnFailure(home);
      expect(await allowedTo(access, `${home}:${account}`, undefined)).toEqual([]);
      expect(await allowedTo(access, `${home}:${account}`, home)).toEqual([]);
    });

    test.each([
      ['yes', ['get', 'secrets']],
      ['no', ['create', 'pods']],
      ['no', ['create', 'pods/exec']],
      ['no', ['impersonate', 'users']],
      ['no', ['escalate', 'clusterroles.rbac.authorization.k8s.io']],
      ['no', ['bind', 'clusterroles.rbac.authorization.k8s.io']],
      ['no', ['update', 'crispmcpservers.crispmcp.io']],
      ['no', ['*', '*']],
    ])('kubectl auth can-i says %s when the operator asks for %s', async (answer, question) => {
      const account = `system:serviceaccount:${home}:crisp-mcp-operator`;
      const said = await kubectl(['auth', 'can-i', ...question, '--as', account, '--all-namespaces']).catch(String);
      expect(
        said.split('\n').some((line) => line.replace(/^.*: /, '').trim() === answer),
        said,
      ).toBe(true);
    });
  });

  test('the gateway has no token of the API server; the operator has one', async () => {
    evidenceOnFailure(home);
    const look = "console.log(require('fs').existsSync('/var/run/secrets/kubernetes.io/serviceaccount/token'))";
    const hasToken = (who: string): Promise<string> =>
      kubectl(['-n', home, 'exec', `deployment/crisp-mcp-${who}`, '--', '/nodejs/bin/node', '-e', look]);
    expect((await hasToken('gateway')).trim()).toBe('false');
    expect((await hasToken('operator')).trim()).toBe('true');
  });

  describe('in the network', () => {
    test('a stranger reaches the gateway and not Redis, from its own namespace and from theirs', async () => {
      evidenceOnFailure(home);
      const redis = `crisp-mcp-redis.${home}`;
      const gateway = `crisp-mcp-gateway.${home}`;
      const friend = {
        'app.kubernetes.io/name': 'crisp-mcp',
        'app.kubernetes.io/instance': 'crisp-mcp',
        'app.kubernetes.io/component': 'cleanup',
      };
      await probe('friend', home, friend, [[redis, 6379]]);
      await probe('inside', home, {}, [
        [gateway, 80],
        [redis, 6379],
      ]);
      await probe('outside', STRANGERS, {}, [
        [gateway, 80],
        [redis, 6379],
      ]);
      expect(await words('friend', home), 'who is allowed to').toEqual(['open']);
      expect(await words('inside', home)).toEqual(['open', 'toClose']);
      expect(await words('outside', STRANGERS)).toEqual(['open', 'toClose']);
    });
  });
}

/** Every verb and resource that the account is allowed, in one namespace or in all. */
async function allowedTo(access: Access, account: string, namespace: string | undefined): Promise<string[]> {
  const resources = (await access.resources()).filter(({ resource }) => !ABOUT_ONESELF.test(resource));
  const questions = resources.flatMap(({ apiGroup, resource }) =>
    VERBS.map((verb): Question => ({ verb, apiGroup, resource, ...(namespace === undefined ? {} : { namespace }) })),
  );
  expect(questions.length, 'all that the API server knows').toBeGreaterThan(400);
  const allowed: string[] = [];
  const next = questions.values();
  const ask = async (): Promise<void> => {
    for (const question of next) {
      if (await access.may(account, question)) allowed.push(inWords(question));
    }
  };
  await Promise.all(Array.from({ length: 8 }, ask));
  return allowed.sort();
}

function written(permissions: readonly Permission[]): string[] {
  const questions = permissions.flatMap(({ apiGroup, resources, verbs }) =>
    resources.flatMap((resource) => Object.keys(verbs).map((verb) => ({ verb, apiGroup, resource }))),
  );
  return [...new Set(questions.map(inWords))].sort();
}

function inWords({ verb, apiGroup, resource }: Question): string {
  return `${verb} ${resource}${apiGroup === '' ? '' : `.${apiGroup}`}`;
}

/** A Pod that tries connections, each until it stands or for some seconds, and says what came of it. */
async function probe(
  name: string,
  namespace: string,
  labels: Readonly<Record<string, string>>,
  targets: readonly (readonly [string, number])[],
): Promise<void> {
  const { image } = inject('podsImages');
  const script = `
    const net = require('node:net');
    const once = (host, port) => new Promise((resolve) => {
      const socket = net.connect({ host, port, timeout: 1500 });
      const end = (result) => { socket.destroy(); resolve(result); };
      socket.on('connect', () => end(true)).on('timeout', () => end(false)).on('error', () => end(false));
    });
    (async () => {
      for (const [host, port] of ${JSON.stringify(targets)}) {
        let open = false;
        for (let left = 5; left > 0 && !open; left -= 1) {
          open = await once(host, port);
          if (!open) await new Promise((resolve) => setTimeout(resolve, 500));
        }
        console.log(open ? 'open' : 'toClose');
      }
    })();`;
  const container = {
    name: 'probe',
    image: `${image.repository}:${image.tag}`,
    command: ['/nodejs/bin/node', '-e', script],
    securityContext: {
      allowPrivilegeEscalation: false,
      runAsNonRoot: true,
      capabilities: { drop: ['ALL'] },
      seccompProfile: { type: 'RuntimeDefault' },
    },
  };
  await apply({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, labels },
    spec: { restartPolicy: 'Never', automountServiceAccountToken: false, containers: [container] },
  });
}

/** What the Pod said; it is gone after that, for `friend` counts as one of the release. */
async function words(name: string, namespace: string): Promise<string[]> {
  const wait = ['wait', '--for=jsonpath={.status.phase}=Succeeded', `pod/${name}`, '--timeout=90s'];
  await kubectl(['-n', namespace, ...wait], { timeout: 100_000 });
  const said = (await kubectl(['-n', namespace, 'logs', name])).trim().split('\n');
  await kubectl(['-n', namespace, 'delete', 'pod', name]);
  return said;
}
