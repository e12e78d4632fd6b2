import { buildRecipe } from './build.ts';
import { type Binaries, findBinaries } from './find.ts';
import { findGoProgram, type GoProgram, PLAIN_RECIPE } from './go-program.ts';
import { OFFICIAL_SITES, type Platform, type Release } from './programs.ts';

/**
 * The programs that, with the control plane's, make a whole node of one Linux machine: kubelet, scheduler and proxy of
 * Kubernetes, the DNS server, the enforcer of NetworkPolicies, and the program that holds a Pod's network.
 */
const NODE_PROGRAM_NAMES = ['kubelet', 'kube-scheduler', 'kube-proxy', 'coredns', 'kube-router', 'pause'] as const;
export type NodeProgramName = (typeof NODE_PROGRAM_NAMES)[number];

export type NodePrograms = Binaries & Readonly<Record<NodeProgramName, string>>;

const NODE_PROGRAMS: Readonly<Record<NodeProgramName, GoProgram>> = {
  kubelet: kubernetes('kubelet'),
  'kube-scheduler': kubernetes('kube-scheduler'),
  'kube-proxy': kubernetes('kube-proxy'),
  coredns: {
    name: 'coredns',
    module: 'coredns',
    package: '.',
    versionOf: 'github.com/coredns/coredns',
    recipe: () => PLAIN_RECIPE,
  },
  'kube-router': {
    name: 'kube-router',
    module: 'kube-router',
    package: 'github.com/cloudnativelabs/kube-router/v2/cmd/kube-router',
    versionOf: 'github.com/cloudnativelabs/kube-router/v2',
    recipe: () => PLAIN_RECIPE,
  },
  pause: { name: 'pause', module: 'pause', package: '.', recipe: () => PLAIN_RECIPE },
};

export async function findNodePrograms(): Promise<NodePrograms> {
  const controlPlane = await findBinaries();
  // One after the other: two Go builds at a time would need twice the memory.
  const find = (name: NodeProgramName): Promise<string> => findGoProgram(NODE_PROGRAMS[name]);
  return {
    ...controlPlane,
    kubelet: await find('kubelet'),
    'kube-scheduler': await find('kube-scheduler'),
    'kube-proxy': await find('kube-proxy'),
    coredns: await find('coredns'),
    'kube-router': await find('kube-router'),
    pause: await find('pause'),
  };
}

function kubernetes(name: 'kubelet' | 'kube-scheduler' | 'kube-proxy'): GoProgram {
  return {
    name,
    module: 'node',
    package: `k8s.io/kubernetes/cmd/${name}`,
    versionOf: 'k8s.io/kubernetes',
    recipe: (version) => buildRecipe({ kubernetes: version }),
    release: (version, platform) => releaseOf(name, version, platform),
  };
}

function releaseOf(name: string, version: string, { os, arch }: Platform): Release {
  const url = `${OFFICIAL_SITES.kubernetes}/${version}/bin/${os}/${arch}/${name}`;
  return { url, checksumUrl: `${url}.sha256` };
}
