import { Pool } from 'undici';
import { OPERATIONS } from '../catalog/operations/index.ts';
import { type Clock, systemClock } from '../process/clock.ts';
import { Deadlines } from '../process/deadlines.ts';
import { crispHeaders } from './caller.ts';
import { exchange } from './exchange.ts';
import { failureOfAnswer } from './failures.ts';
import type { CredentialChecker, CredentialVerdict } from './outcome.ts';
import { buildRequest } from './request.ts';

/**
 * Asks Crisp once whether it takes a credential for a website, by the cheapest read that every tier may make
 * (`GET /website/{id}`). Only an answer of Crisp itself settles it; anything else is `unknown`, to be asked again later.
 */
export interface CredentialCheckerOptions {
  readonly allowedOrigins: readonly string[];
  readonly clock?: Clock;
  readonly timeoutMs?: number;
}

const NEVER = new AbortController().signal;

export function createCredentialChecker(options: CredentialCheckerOptions): CredentialChecker & {
  close(): Promise<void>;
} {
  const clock = options.clock ?? systemClock;
  const timeoutMs = options.timeoutMs ?? 10_000;
  const getWebsite = OPERATIONS.find((operation) => operation.id === 'website.getWebsite');
  if (getWebsite === undefined) throw new Error('website.getWebsite is not in the catalogue');
  const pools = new Map(
    options.allowedOrigins.map((each) => {
      const { origin } = new URL(each);
      return [origin, new Pool(origin, { connections: 4, connect: { timeout: timeoutMs } })];
    }),
  );
  const deadlines = new Deadlines(clock);
  return {
    async check({ websiteId, apiUrl, tier, credential, signal }): Promise<CredentialVerdict> {
      const pool = pools.get(apiUrl.replace(/\/+$/, ''));
      if (pool === undefined) {
        return { kind: 'refused', message: `${apiUrl} is not among the Crisp API origins that are allowed here` };
      }
      const answer = await exchange({
        pool,
        request: buildRequest(getWebsite, {}, websiteId),
        headers: crispHeaders(credential, tier),
        limits: { headersMs: timeoutMs, wholeMs: timeoutMs, bodyBytes: 256 * 1024, beginningBytes: 64 * 1024 },
        signal: signal ?? NEVER,
        clock,
        deadlines,
      });
      if (answer.kind === 'failed') {
        return { kind: 'unknown', message: `Crisp gave no answer (${answer.errorCode ?? answer.cause}).` };
      }
      if (answer.status >= 200 && answer.status < 300) return { kind: 'accepted' };
      const failed = failureOfAnswer(
        { toolName: 'the credential', effect: 'read', credential, now: clock.now() },
        answer,
      );
      return verdict(tier, answer.status, failed.reason, failed.retryAfterSeconds);
    },
    async close() {
      await Promise.all([...pools.values()].map((pool) => pool.destroy()));
      deadlines.close();
    },
  };
}

function verdict(
  tier: string,
  status: number,
  reason: string | undefined,
  retryAfterSeconds: number | undefined,
): CredentialVerdict {
  const label = `HTTP ${status}${reason === undefined ? '' : `, ${reason}`}`;
  switch (status) {
    case 401:
      return {
        kind: 'refused',
        message: `Crisp does not accept this ${tier} token (${label}): check identifier, key and tier`,
      };
    case 403:
      return {
        kind: 'refused',
        message: `Crisp does not let this ${tier} token read the website (${label}): check its tier and scopes`,
      };
    case 404:
      if (reason === undefined) return { kind: 'unknown', message: `Something other than Crisp answered (${label})` };
      return {
        kind: 'refused',
        message:
          reason === 'not_subscribed'
            ? `The plugin of this token is not installed on the website (${label}): install it in the Crisp Marketplace`
            : `Crisp does not know this website, or the token may not see it (${label}): check websiteId`,
      };
    case 402:
    case 423:
      return { kind: 'accepted', message: `Crisp knows the token, but limits it at present (${label})` };
    default:
      return {
        kind: 'unknown',
        message: `Crisp gave no usable answer (${label})`,
        ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
      };
  }
}
