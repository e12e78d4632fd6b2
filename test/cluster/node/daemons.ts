import { join } from 'node:path';
import type { NodePrograms } from '../../../scripts/binaries/node-programs.ts';
import { NODE_ADDRESS, NODE_NAME, type NodeLayout, SERVICE_RANGE } from './layout.ts';

/** The command lines of the node's daemons. */
export interface Daemon {
  readonly name: string;
  readonly argv: readonly string[];
}

export interface Daemons {
  readonly containerd: Daemon;
  readonly etcd: Daemon;
  readonly apiServer: Daemon;
  readonly controllerManager: Daemon;
  readonly scheduler: Daemon;
  readonly kubelet: Daemon;
  readonly proxy: Daemon;
  readonly networkPolicies: Daemon;
}

export function nodeDaemons(layout: NodeLayout, programs: NodePrograms, containerd: string): Daemons {
  const key = (file: string): string => join(layout.keys, file);
  const identity = (name: string): string[] => {
    const kubeconfig = layout.kubeconfig(name);
    return ['kubeconfig', 'authentication-kubeconfig', 'authorization-kubeconfig'].map(
      (flag) => `--${flag}=${kubeconfig}`,
    );
  };
  const local = ['--leader-elect=false', '--bind-address=127.0.0.1'];
  return {
    containerd: { name: 'containerd', argv: [containerd, '-c', layout.configuration('containerd.toml')] },
    etcd: {
      name: 'etcd',
      argv: [
        programs.etcd,
        '--name=node',
        `--data-dir=${layout.state}/etcd`,
        '--listen-client-urls=http://127.0.0.1:2379',
        '--advertise-client-urls=http://127.0.0.1:2379',
        '--listen-peer-urls=http://127.0.0.1:2380',
        '--initial-advertise-peer-urls=http://127.0.0.1:2380',
        '--initial-cluster=node=http://127.0.0.1:2380',
        '--unsafe-no-fsync',
        '--log-level=warn',
      ],
    },
    apiServer: {
      name: 'kube-apiserver',
      argv: [
        programs['kube-apiserver'],
        '--etcd-servers=http://127.0.0.1:2379',
        `--service-cluster-ip-range=${SERVICE_RANGE}`,
        `--advertise-address=${NODE_ADDRESS}`,
        '--secure-port=6443',
        '--authorization-mode=Node,RBAC',
        '--enable-admission-plugins=NodeRestriction',
        '--allow-privileged=true',
        `--client-ca-file=${key('ca.crt')}`,
        `--tls-cert-file=${key('api-server.crt')}`,
        `--tls-private-key-file=${key('api-server.key')}`,
        `--kubelet-client-certificate=${key('kubelet-client.crt')}`,
        `--kubelet-client-key=${key('kubelet-client.key')}`,
        `--kubelet-certificate-authority=${key('ca.crt')}`,
        '--kubelet-preferred-address-types=InternalIP',
        '--service-account-issuer=https://kubernetes.default.svc.cluster.local',
        `--service-account-key-file=${key('service-accounts.pub')}`,
        `--service-account-signing-key-file=${key('service-accounts.key')}`,
        `--requestheader-client-ca-file=${key('ca.crt')}`,
        '--requestheader-allowed-names=front-proxy-client',
        '--requestheader-extra-headers-prefix=X-Remote-Extra-',
        '--requestheader-group-headers=X-Remote-Group',
        '--requestheader-username-headers=X-Remote-User',
        `--proxy-client-cert-file=${key('front-proxy.crt')}`,
        `--proxy-client-key-file=${key('front-proxy.key')}`,
        '--enable-aggregator-routing=true',
        '--profiling=false',
      ],
    },
    controllerManager: {
      name: 'kube-controller-manager',
      argv: [
        programs['kube-controller-manager'],
        ...identity('controller-manager'),
        ...local,
        `--service-account-private-key-file=${key('service-accounts.key')}`,
        `--root-ca-file=${key('ca.crt')}`,
        '--use-service-account-credentials=true',
        `--cluster-signing-cert-file=${key('ca.crt')}`,
        `--cluster-signing-key-file=${key('ca.key')}`,
      ],
    },
    scheduler: { name: 'kube-scheduler', argv: [programs['kube-scheduler'], ...identity('scheduler'), ...local] },
    kubelet: {
      name: 'kubelet',
      argv: [
        programs.kubelet,
        `--config=${layout.configuration('kubelet.yaml')}`,
        `--kubeconfig=${layout.kubeconfig('kubelet')}`,
        `--node-ip=${NODE_ADDRESS}`,
        `--hostname-override=${NODE_NAME}`,
        '--root-dir=/var/lib/kubelet',
      ],
    },
    proxy: { name: 'kube-proxy', argv: [programs['kube-proxy'], `--config=${layout.configuration('proxy.yaml')}`] },
    networkPolicies: {
      name: 'kube-router',
      argv: [
        programs['kube-router'],
        '--run-router=false',
        '--run-firewall=true',
        '--run-service-proxy=false',
        `--kubeconfig=${layout.kubeconfig('admin')}`,
        `--hostname-override=${NODE_NAME}`,
        `--service-cluster-ip-range=${SERVICE_RANGE}`,
        '--iptables-sync-period=1m',
      ],
    },
  };
}
