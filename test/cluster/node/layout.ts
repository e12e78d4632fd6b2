import { join } from 'node:path';
import { SetupError } from '../../../scripts/bootstrap/setup-error.mjs';

/**
 * The names and addresses of the node, and where each thing lies in its state folder. They are fixed, for one such node a
 * machine is all there may be.
 */
export const NODE_NAME = 'crisp-mcp-node';
/** Also the name of its cgroups; the kernel's limit for interface names leaves 15 characters. */
export const CGROUP = 'crisp-mcp-node';
export const HOST_INTERFACE = 'crispmcp0';
export const HOST_ADDRESS = '10.243.0.1';
export const NODE_ADDRESS = '10.243.0.2';
export const POD_RANGE = '10.244.0.0/24';
export const SERVICE_RANGE = '10.96.0.0/16';
export const API_SERVICE = '10.96.0.1';
export const DNS_SERVICE = '10.96.0.10';
/** What tells the holder of the namespaces apart from any other process. */
export const HOLDER_MARK = 'crisp-mcp-node-holder';
/** A link to the state folder of the node that this machine runs. */
export const CLAIM = '/run/crisp-mcp-node';

/** The kernel allows 107 bytes for the path of a socket; the longest of ours adds 40. */
const LONGEST_STATE_PATH = 67;

export interface NodeLayout {
  readonly state: string;
  readonly run: string;
  readonly logs: string;
  readonly keys: string;
  readonly volumes: string;
  readonly holder: string;
  readonly sysctls: string;
  /** Is there once the node has come up. */
  readonly complete: string;
  readonly containerdSocket: string;
  kubeconfig(user: string): string;
  configuration(file: string): string;
}

export function nodeLayout(state: string): NodeLayout {
  if (Buffer.byteLength(state) > LONGEST_STATE_PATH) {
    throw new SetupError(
      `The state folder ${state} has a path of more than ${LONGEST_STATE_PATH} bytes, too long for the sockets in it.\n` +
        'Remedy: name a shorter one: CRISP_MCP_TEST_CLUSTER_STATE=/var/tmp/node',
    );
  }
  return {
    state,
    run: join(state, 'run'),
    logs: join(state, 'logs'),
    keys: join(state, 'keys'),
    volumes: join(state, 'volumes'),
    holder: join(state, 'holder.pid'),
    sysctls: join(state, 'sysctls.json'),
    complete: join(state, 'complete'),
    containerdSocket: join(state, 'run/containerd/containerd.sock'),
    kubeconfig: (user) => join(state, user === 'admin' ? 'kubeconfig' : `${user}.kubeconfig`),
    configuration: (file) => join(state, 'configuration', file),
  };
}
