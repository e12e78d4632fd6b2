import { describe, expect, test } from 'vitest';
import { parseRedisTarget, RedisUrlError } from './redis-target.ts';

describe('A Redis URL', () => {
  test.each([
    ['redis://redis', { host: 'redis', port: 6379, db: 0 }],
    ['redis://redis:7000/3', { host: 'redis', port: 7000, db: 3 }],
    ['redis://[::1]:7000', { host: '::1', port: 7000 }],
    ['redis://us%40er:p%3Ass%2F@redis', { username: 'us@er', password: 'p:ss/' }],
    ['redis://:secret@redis', { password: 'secret' }],
    ['rediss://redis', { tls: {} }],
    ['redis+unix:///run/redis.sock', { path: '/run/redis.sock' }],
    [
      'redis+sentinel://:secret@a,b:27000/main/2',
      {
        name: 'main',
        db: 2,
        role: 'master',
        sentinels: [
          { host: 'a', port: 26379 },
          { host: 'b', port: 27000 },
        ],
      },
    ],
    ['rediss+sentinel://a/main', { tls: {}, enableTLSForSentinelMode: true }],
    ['redis+cluster://a,b:7001', { Connector: expect.any(Function) }],
  ])('%s is understood', (url, options) => {
    expect(parseRedisTarget({ url }).options).toMatchObject(options);
  });

  test('names the hosts and no password in its description', () => {
    expect(parseRedisTarget({ url: 'redis://u:secret@redis:7000/3' }).description).toBe('redis:7000');
    expect(parseRedisTarget({ url: 'redis+sentinel://:secret@a,b/main' }).description).toBe(
      'main at sentinels a:26379,b:26379',
    );
  });

  test('takes what does not belong into a URL from settings', () => {
    const settings = { url: 'rediss+sentinel://a/main', tlsCa: 'PEM', tlsServerName: 'redis', sentinelPassword: 's' };
    expect(parseRedisTarget(settings).options).toMatchObject({
      tls: { ca: 'PEM', servername: 'redis' },
      sentinelTLS: { ca: 'PEM', servername: 'redis' },
      sentinelPassword: 's',
    });
  });

  test.each([
    'http://redis',
    'redis://',
    'redis://secret@a@b',
    'redis://user:secret@redis/x',
    'redis://user:secret@redis:port',
    'redis://user:%secret%@redis',
    'redis+sentinel://:secret@a',
    'redis://user:secret@re dis',
  ])('%s is refused without being repeated', (url) => {
    expect(() => parseRedisTarget({ url })).toThrow(RedisUrlError);
    expect(() => parseRedisTarget({ url })).not.toThrow(/secret/);
  });
});
