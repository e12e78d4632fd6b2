import { isDeepStrictEqual } from 'node:util';
import { expect } from 'vitest';
import { leaseType, secretType } from '../../src/kubernetes/core-types.ts';
import { createKubernetesObjectApi, type KubernetesObjectApi } from '../../src/kubernetes/kubernetes-object-api.ts';
import { systemClock } from '../../src/process/clock.ts';
import { silentLogger } from '../../src/process/logger.ts';
import { crispAccountType } from '../../src/resources/crisp-account.ts';
import { type CrispMcpServer, crispMcpServerType } from '../../src/resources/crisp-mcp-server.ts';
import { LEASE_NAME } from '../../src/resources/names.ts';
import { startApiProxy } from '../harness/api-proxy.ts';
import { eventually } from '../harness/eventually.ts';
import { issueSecret } from '../harness/issued-secrets.ts';
import { routeStoreScripts, startRedisProxy, type WriteProxy } from '../harness/redis-proxy.ts';
import { type CrashPoint, type RecordedWrite, WriteTrap } from '../harness/write-trap.ts';
import { type EndState, type Observation, observe } from './end-state.ts';
import { type Installation, install, type OperatorProcess, tokenOfUrl } from './installation.ts';
import { accountManifest, serverManifest } from './manifests.ts';
import { mcpRequest } from './mcp-client.ts';
import { type UrlAnswer, UrlWatch } from './url-watch.ts';

/**
 * An installation whose operator can be crashed at any of its writes, used for many runs one after the other: each run
 * begins with an empty namespace and a leading operator. What an administrator does is done here by requests of the test,
 * without a kubectl each.
 */
export interface Phase {
  readonly name: string;
  /** Brings about the state in which the phase begins. */
  readonly arrange: (lane: CrashLane) => Promise<void>;
  /** What happens while the operator is watched. */
  readonly act: (lane: CrashLane) => Promise<void>;
  /** Whether all that should come of it has come. */
  readonly isDone: (seen: Observation, writes: readonly RecordedWrite[]) => boolean;
  /** What the URLs of the phase answer in the end, in the order in which they appeared. */
  readonly answers: readonly number[];
  /** The URL must answer 200 all the time. */
  readonly alwaysServed?: boolean;
}

export interface RunResult {
  readonly state: EndState;
  readonly writes: readonly RecordedWrite[];
  readonly crashed: boolean;
}

const SETTLE = 20_000;
/** So long without a write, and nothing more is to come. */
const QUIET = 400;
/** Within this a revocation reaches every gateway. */
const PROPAGATION = 1_000;

export class CrashLane {
  readonly site: Installation;
  readonly api: KubernetesObjectApi;
  readonly trap: WriteTrap;
  /** Wall clock from which the URLs that die in this run must not be served, when a phase knows it. */
  deadFrom = Number.POSITIVE_INFINITY;
  #operator: OperatorProcess | undefined;
  readonly #proxies: readonly [api: WriteProxy, redis: WriteProxy];
  /** Every URL that must be dead by now. */
  readonly #buried = new Set<string>();

  private constructor(
    site: Installation,
    api: KubernetesObjectApi,
    trap: WriteTrap,
    proxies: readonly [WriteProxy, WriteProxy],
  ) {
    this.site = site;
    this.api = api;
    this.trap = trap;
    this.#proxies = proxies;
  }

  static async start(name: string): Promise<CrashLane> {
    const site = await install({ name, operators: 0 });
    const api = createKubernetesObjectApi({
      kubeconfig: site.cluster.kubeconfig,
      clock: systemClock,
      logger: silentLogger,
      rate: { perSecond: 1_000, burst: 1_000 },
    });
    // Else the first use of each script would be sent twice, in the first run alone.
    for (const text of routeStoreScripts().values()) await site.redis.command('SCRIPT', 'LOAD', text);
    const trap = new WriteTrap();
    const proxies = [await startApiProxy(site.cluster, trap), await startRedisProxy(site.redis.port, trap)] as const;
    const lane = new CrashLane(site, api, trap, proxies);
    await lane.startOperator();
    return lane;
  }

  async startOperator(): Promise<void> {
    const [api, redis] = this.#proxies;
    this.#operator = await this.site.startOperator({
      apiServerUrl: api.url,
      redisUrl: redis.url,
      waitUntilReady: false,
    });
  }

  async stopOperator(): Promise<void> {
    await this.#operator?.process.stop();
  }

  /** Waits until an operator leads and the store is verified. */
  async untilLeading(): Promise<void> {
    await eventually(async () => expect(await this.site.redis.command('KEYS', '*')).toContain('{crispmcp}:synced'), {
      timeout: SETTLE,
      what: 'the store being verified',
    });
  }

  async stop(): Promise<void> {
    await this.site.stop();
    await Promise.all([...this.#proxies.map((proxy) => proxy.close()), this.api.close()]);
  }

  observe(): Promise<Observation> {
    return observe(this.api, this.site.namespace, this.site.redis);
  }

  // What people do.

  async createAccount(): Promise<void> {
    const { namespace, sandbox } = this.site;
    const { identifier, key } = sandbox.credentials.website;
    await this.api.create(secretType, {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'acme-crisp', namespace },
      data: { identifier: encode(identifier), key: encode(key) },
    });
    const credentials = [{ tier: 'website' as const, secretRef: { name: 'acme-crisp' } }];
    const spec = { websiteId: sandbox.websiteId, apiUrl: sandbox.url, credentials };
    await this.api.create(crispAccountType, accountManifest(namespace, 'acme', spec));
  }

  async rotateCredential(): Promise<void> {
    this.site.rotateCredential('website');
    const { identifier, key } = this.site.sandbox.credentials.website;
    const data = { identifier: encode(identifier), key: encode(key) };
    await this.api.mergePatch(secretType, this.#named('acme-crisp'), { data });
  }

  async createServer(spec: Partial<CrispMcpServer['spec']> = {}): Promise<void> {
    await this.api.create(crispMcpServerType, serverManifest(this.site.namespace, 'support', 'acme', spec));
  }

  async patchServer(spec: object): Promise<void> {
    await this.api.mergePatch(crispMcpServerType, this.#named('support'), { spec });
  }

  async deleteServer(): Promise<void> {
    await this.api.delete(crispMcpServerType, this.#named('support'));
  }

  async deleteAccount(): Promise<void> {
    await this.api.delete(crispAccountType, this.#named('acme'));
  }

  async deleteTokenSecret(): Promise<void> {
    await this.api.delete(secretType, this.#named('support-mcp'));
  }

  async until(isDone: (seen: Observation) => boolean, what: string): Promise<Observation> {
    return await eventually(
      async () => {
        const seen = await this.observe();
        if (!isDone(seen)) throw new Error(`the state is ${JSON.stringify(seen.state, undefined, 1)}`);
        return seen;
      },
      { timeout: SETTLE, interval: 50, what },
    );
  }

  /** The phase without a crash, or with one at `point`; ends in the state of `reference` or fails. */
  async run(phase: Phase, point?: CrashPoint, reference?: RunResult): Promise<RunResult> {
    await this.untilLeading();
    await phase.arrange(this);
    await this.#untilQuiet();
    const urls = new Set((await this.observe()).urls.values());
    const watch = new UrlWatch(urls);
    try {
      this.trap.forget();
      this.deadFrom = Number.POSITIVE_INFINITY;
      if (point !== undefined) this.trap.arm(point, () => this.#operator?.process.signal('SIGKILL'));
      await phase.act(this);
      const crashed = point !== undefined && (await this.#untilCrashed(phase));
      if (crashed) await this.#recover();
      this.trap.reset();
      const state = await this.#end(phase, reference);
      for (const url of (await this.observe()).urls.values()) urls.add(url);
      for (const url of urls) issueSecret(tokenOfUrl(url), 'the token of a server of a crash test');
      await this.#expectAnswers([...urls], phase.answers);
      const dead = new Set([...urls].filter((_url, index) => phase.answers[index] === 404));
      this.#judge(phase, await watch.stop(), dead);
      for (const url of dead) this.#buried.add(url);
      const writes = [...this.trap.writes];
      await this.#clear();
      return { state, writes, crashed };
    } finally {
      await watch.stop();
    }
  }

  /** URLs of all runs that are over. */
  async expectAllBuried(): Promise<void> {
    for (const url of this.#buried) expect((await mcpRequest(url, 'ping')).status).toBe(404);
  }

  async #untilQuiet(milliseconds = 150): Promise<void> {
    await eventually(() => expect(this.trap.quietFor()).toBeGreaterThanOrEqual(milliseconds), {
      timeout: SETTLE,
      what: 'no more writes of the operator',
    });
  }

  /** False when the run ended without reaching the point. */
  async #untilCrashed(phase: Phase): Promise<boolean> {
    await eventually(
      async () => {
        if (this.trap.sprung) return;
        const isOver = phase.isDone(await this.observe(), this.trap.writes) && this.trap.quietFor() > QUIET;
        if (!isOver && !this.trap.sprung) throw new Error('the phase goes on');
      },
      { timeout: SETTLE, what: 'the crash' },
    );
    if (this.trap.sprung) expect(await this.#operator?.process.exited).toEqual({ code: null, signal: 'SIGKILL' });
    return this.trap.sprung;
  }

  /**
   * The next operator. That the dead one's lease runs out is tested elsewhere; here it is released in its stead, so that
   * a hundred runs need not wait for it.
   */
  async #recover(): Promise<void> {
    const reference = { namespace: this.site.namespace, name: LEASE_NAME };
    const lease = await this.api.get(leaseType, reference);
    if (lease?.spec?.holderIdentity) {
      await this.api.replace(leaseType, { ...lease, spec: { ...lease.spec, holderIdentity: '' } });
    }
    this.trap.reset();
    await this.startOperator();
  }

  async #end(phase: Phase, reference: RunResult | undefined): Promise<EndState> {
    if (reference === undefined) {
      await this.until((seen) => phase.isDone(seen, this.trap.writes), `the end of "${phase.name}"`);
    } else {
      await eventually(async () => expect((await this.observe()).state).toEqual(reference.state), {
        timeout: SETTLE,
        interval: 50,
        what: 'the same end as without a crash',
      });
    }
    await this.#untilQuiet(reference === undefined ? QUIET : 150);
    const { state } = await this.observe();
    if (reference !== undefined) expect(state, 'the end, when nothing is written any more').toEqual(reference.state);
    return state;
  }

  async #expectAnswers(urls: readonly string[], expected: readonly number[]): Promise<void> {
    await eventually(
      async () => {
        const answers: number[] = [];
        for (const url of urls) answers.push((await mcpRequest(url, 'ping')).status);
        expect(answers, 'what the URLs answer in the end').toEqual(expected);
      },
      { timeout: PROPAGATION },
    );
  }

  #judge(phase: Phase, answers: readonly UrlAnswer[], dead: ReadonlySet<string>): void {
    const acknowledged = (name: RegExp) =>
      this.trap.writes.find(({ what, outcome }) => name.test(what) && outcome === 'OK')?.answeredAt ??
      Number.POSITIVE_INFINITY;
    const revoked = acknowledged(/^redis (delete-routes|remove)$/) + PROPAGATION;
    // An end that was edited is in force once it is published.
    const expired = Math.max(this.deadFrom, acknowledged(/^redis put-route$/) + PROPAGATION);
    const deadFrom = Math.min(expired, revoked);
    const late = answers.filter(({ url, status, sentAt }) => dead.has(url) && status === 200 && sentAt >= deadFrom);
    expect(late.length, 'answers of a URL after it was revoked').toBe(0);
    if (phase.alwaysServed !== true) return;
    expect([...new Set(answers.map(({ status }) => status))], 'what was answered meanwhile').toEqual([200]);
  }

  /** Everything goes, and nothing is left behind: no Secret, no key, no finalizer that holds. */
  async #clear(): Promise<void> {
    await this.deleteServer();
    await this.deleteAccount();
    await this.api.delete(secretType, this.#named('acme-crisp'));
    const empty = { servers: [], accounts: [], secrets: [], redis: ['epoch', 'synced'] };
    await this.until(({ state }) => isDeepStrictEqual(state, empty), 'everything being gone');
  }

  #named(name: string): { namespace: string; name: string } {
    return { namespace: this.site.namespace, name };
  }
}

function encode(text: string): string {
  return Buffer.from(text).toString('base64');
}
