import { type Command, Option } from 'commander';
import { type AuditSink, createOutputSink } from '../../gateway/audit/audit-sink.ts';
import type { Clock } from '../../process/clock.ts';
import type { Logger } from '../../process/logger.ts';
import type { Random } from '../../process/random.ts';
import type { RedisSettings } from '../../routes/redis/redis-target.ts';
import { positive, share, yesOrNo } from '../arguments.ts';
import { UserError } from '../user-error.ts';

/** What a gateway tells of requests: the access log, and the audit of tool calls with its place. */
export interface AuditOptions {
  audit: 'stdout' | 'redis' | 'none';
  auditRequired: boolean;
  auditArguments: boolean;
  auditLength: number;
  auditRedisUrl?: string;
}

export interface AuditPlan {
  readonly place: AuditOptions['audit'];
  readonly required: boolean;
  readonly withArguments: boolean;
  readonly length: number;
  readonly redisUrl: string | undefined;
}

export function addAccessLogOptions<T extends Command>(command: T) {
  return command
    .addOption(
      new Option(
        '--access-log-sample <share>',
        'share of successful requests in the access log; others are always in it',
      )
        .env('GATEWAY_ACCESS_LOG_SAMPLE')
        .argParser(share)
        .default(1),
    )
    .addOption(
      new Option('--audit <place>', 'where the record of each tool call goes: lines on stdout, or a stream in Redis')
        .env('GATEWAY_AUDIT')
        .choices(['stdout', 'redis', 'none'])
        .default('stdout'),
    )
    .addOption(
      new Option('--audit-required [yes]', 'refuse tool calls that cannot be recorded')
        .env('GATEWAY_AUDIT_REQUIRED')
        .argParser(yesOrNo)
        .preset('yes')
        .default(false),
    )
    .addOption(
      new Option('--audit-arguments [yes]', 'record the arguments of calls as well, without what looks like a secret')
        .env('GATEWAY_AUDIT_ARGUMENTS')
        .argParser(yesOrNo)
        .preset('yes')
        .default(false),
    )
    .addOption(
      new Option('--audit-length <records>', 'about how many records the stream in Redis keeps')
        .env('GATEWAY_AUDIT_LENGTH')
        .argParser(positive)
        .default(100_000),
    )
    .addOption(
      new Option('--audit-redis-url <url>', 'another Redis for the stream (default: the one with the routes)').env(
        'GATEWAY_AUDIT_REDIS_URL',
      ),
    );
}

export function auditPlan(options: AuditOptions): AuditPlan {
  if (options.audit === 'none' && options.auditRequired) {
    throw new UserError(
      'AUDIT_NOWHERE',
      'The audit is required (--audit-required) but goes nowhere (--audit none). Choose --audit stdout or --audit redis.',
    );
  }
  return {
    place: options.audit,
    required: options.auditRequired,
    withArguments: options.auditArguments,
    length: options.auditLength,
    redisUrl: options.auditRedisUrl,
  };
}

export async function createAuditSink(
  plan: AuditPlan,
  { redis, ...parts }: { redis: RedisSettings; clock: Clock; random: Random; logger: Logger },
): Promise<AuditSink | undefined> {
  if (plan.place === 'none') return undefined;
  if (plan.place === 'stdout') return createOutputSink(process.stdout);
  const { createRedisSink } = await import('../../gateway/audit/redis-sink.ts');
  const settings = plan.redisUrl === undefined ? redis : { ...redis, url: plan.redisUrl };
  return createRedisSink({ ...parts, redis: settings, maxLength: plan.length });
}
