import { describe, expect, test } from 'vitest';
import { readLimits, readRetryAfter } from './limits.ts';

const NOW = Date.parse('2026-01-01T00:00:00Z');

describe('limits', () => {
  test.each([
    ['none', {}, undefined],
    [
      'ratelimit-*',
      { 'ratelimit-limit': '100', 'ratelimit-remaining': '7', 'ratelimit-reset': '30' },
      { limit: 100, remaining: 7, resetSeconds: 30 },
    ],
    [
      'x-ratelimit-* with a Unix time',
      { 'x-ratelimit-limit': '100', 'x-ratelimit-reset': String(NOW / 1000 + 45) },
      { limit: 100, resetSeconds: 45 },
    ],
    ['a Unix time in milliseconds', { 'x-ratelimit-reset': String(NOW + 45_000) }, { resetSeconds: 45 }],
    ['a reset in the past', { 'x-ratelimit-reset': String(NOW / 1000 - 45) }, { resetSeconds: 0 }],
    [
      'RateLimit and its policy',
      { ratelimit: '"default";r=50;t=30', 'ratelimit-policy': '"default";q=100;w=60' },
      { limit: 100, remaining: 50, resetSeconds: 30, windowSeconds: 60 },
    ],
    [
      'RateLimit of an older draft',
      { ratelimit: 'limit=100, remaining=50, reset=5' },
      { limit: 100, remaining: 50, resetSeconds: 5 },
    ],
    ['a limit with a window behind it', { 'ratelimit-limit': '100, 100;w=60' }, { limit: 100, windowSeconds: 60 }],
    [
      'several policies, of which the tightest counts',
      {
        ratelimit: '"burst";r=8;t=1, "daily";r=5;t=40000',
        'ratelimit-policy': '"burst";q=10;w=1, "daily";q=10000;w=86400',
      },
      { limit: 10_000, remaining: 5, resetSeconds: 40_000, windowSeconds: 86_400 },
    ],
    [
      'several policies and a state of none of them',
      { ratelimit: '"other";r=5;t=4', 'ratelimit-policy': '"a";q=1, "b";q=2' },
      { remaining: 5, resetSeconds: 4 },
    ],
    [
      'a policy of an older draft',
      { ratelimit: 'limit=100, remaining=50, reset=5', 'ratelimit-policy': '100;w=60' },
      { limit: 100, remaining: 50, resetSeconds: 5 },
    ],
    [
      'x-rate-limit-*',
      { 'x-rate-limit-limit': '15', 'x-rate-limit-remaining': '0', 'x-rate-limit-reset': String(NOW / 1000 + 900) },
      { limit: 15, remaining: 0, resetSeconds: 900 },
    ],
    ['nonsense', { 'ratelimit-limit': 'many', ratelimit: '???' }, undefined],
  ])('%s', (_dialect, headers, expected) => {
    expect(readLimits(headers, NOW)).toEqual(expected);
  });
});

describe('the delay', () => {
  test.each([
    ['in seconds', { 'retry-after': '30' }, 30],
    ['as a date', { 'retry-after': 'Thu, 01 Jan 2026 00:00:30 GMT' }, 30],
    ['as a date in the past is one second', { 'retry-after': 'Wed, 31 Dec 2025 23:59:30 GMT' }, 1],
    ['of zero is one second', { 'retry-after': '0' }, 1],
    ['beyond a day is a day', { 'retry-after': '999999999' }, 86_400],
    ['without Retry-After is the reset', { 'ratelimit-reset': '12' }, 12],
    ['of nonsense is unknown', { 'retry-after': 'soon' }, undefined],
    ['is unknown without a header', {}, undefined],
  ])('%s', (_sentence, headers, expected) => {
    expect(readRetryAfter(headers, readLimits(headers, NOW), NOW)).toBe(expected);
  });
});
