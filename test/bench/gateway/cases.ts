import { CALL_LARGE, CALL_SMALL, HEADERS, INITIALIZE, TOOLS_LIST } from './workload.ts';

/** What is measured: one request, and the bare server that the gateway's answer to it is compared with. */
export type CaseName =
  | 'toolsListPlain'
  | 'toolsListGzip'
  | 'initialize'
  | 'toolsCall1k'
  | 'toolsCall19k'
  | 'toolsListManyTenants'
  | 'toolsCall1kManyTenants'
  | 'toolsCall1kAlone';

export type ReferenceName = 'constant' | 'echo' | 'proxy' | 'pipe';

export interface BenchCase {
  readonly name: CaseName;
  readonly title: string;
  readonly reference: ReferenceName;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly connections: number;
  /** Whether each request goes to another tenant, or all to one. */
  readonly manyTenants: boolean;
  readonly peers: boolean;
  readonly target?: { readonly goal: number; readonly floor: number };
}

const common = { headers: HEADERS, connections: 32, manyTenants: false, peers: false } as const;
/** One tenant may run so many calls at a time; more would measure its queue. */
const CALLS_OF_A_TENANT = 16;

export const CASES: readonly BenchCase[] = [
  {
    ...common,
    name: 'toolsListPlain',
    title: 'tools/list, plain : constant bytes',
    reference: 'constant',
    body: TOOLS_LIST,
    peers: true,
    target: { goal: 0.8, floor: 0.65 },
  },
  {
    ...common,
    name: 'toolsListGzip',
    title: 'tools/list, gzip : constant plain bytes',
    reference: 'constant',
    headers: { ...HEADERS, 'accept-encoding': 'gzip, deflate' },
    body: TOOLS_LIST,
    target: { goal: 1.5, floor: 1.2 },
  },
  {
    ...common,
    name: 'initialize',
    title: 'initialize : echo',
    reference: 'echo',
    body: INITIALIZE,
    peers: true,
    target: { goal: 0.65, floor: 0.5 },
  },
  {
    ...common,
    name: 'toolsCall1k',
    title: 'tools/call, 1 KB : bare proxy',
    reference: 'proxy',
    body: CALL_SMALL,
    connections: CALLS_OF_A_TENANT,
    peers: true,
    target: { goal: 0.75, floor: 0.6 },
  },
  {
    ...common,
    name: 'toolsCall19k',
    title: 'tools/call, 19 KB : pipe proxy',
    reference: 'pipe',
    body: CALL_LARGE,
    connections: CALLS_OF_A_TENANT,
    target: { goal: 0.45, floor: 0.35 },
  },
  {
    ...common,
    name: 'toolsListManyTenants',
    title: 'tools/list, gzip, many tenants : constant plain bytes',
    reference: 'constant',
    headers: { ...HEADERS, 'accept-encoding': 'gzip, deflate' },
    body: TOOLS_LIST,
    manyTenants: true,
  },
  {
    ...common,
    name: 'toolsCall1kManyTenants',
    title: 'tools/call, 1 KB, many tenants : bare proxy',
    reference: 'proxy',
    body: CALL_SMALL,
    manyTenants: true,
  },
  {
    ...common,
    name: 'toolsCall1kAlone',
    title: 'tools/call, 1 KB, one connection : bare proxy',
    reference: 'proxy',
    body: CALL_SMALL,
    connections: 1,
  },
];
