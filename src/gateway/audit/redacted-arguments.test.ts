import { describe, expect, test } from 'vitest';
import { redactedArguments } from './redacted-arguments.ts';

const TOKEN = 'T0k3n_T0k3n-T0k3n_T0k3n-T0k3n_T0k3n-T0k3n_T';

describe('arguments in the audit', () => {
  test.each([
    ['plain values stay', { page_number: 2, filter_unread: true }, '{"page_number":2,"filter_unread":true}'],
    ['a secret by its name', { token: 'a', password: 'b', api_key: 'c', key: 'd' }, undefined],
    ['a secret inside', { verify: [{ secret: 's3cret' }] }, '{"verify":[{"secret":"[redacted]"}]}'],
    ['names that only look alike', { keyboard: 'qwerty', sorting: 'asc' }, '{"keyboard":"qwerty","sorting":"asc"}'],
    [
      'a token in a text',
      { content: `see https://gateway.example/mcp/${TOKEN}` },
      '{"content":"see https://gateway.example/mcp/…"}',
    ],
    ['a header in a text', { content: 'Authorization: Basic aWQ6a2V5' }, '{"content":"Authorization: Basic …"}'],
    ['a token as a name', { [TOKEN]: 1 }, '{"…":1}'],
    [
      'identifiers of Crisp stay',
      { session_id: 'session_700c65e1-85e2-465a-b9ac-ecb5ec2c9881' },
      '{"session_id":"session_700c65e1-85e2-465a-b9ac-ecb5ec2c9881"}',
    ],
    ['a long text is cut', { content: 'word '.repeat(100) }, `{"content":"${'word '.repeat(51)}w…"}`],
    ['what is no object', 'text', '"text"'],
    ['nothing', undefined, 'null'],
  ])('%s', (_name, args, expected) => {
    const text = redactedArguments(args);
    if (expected === undefined) expect(text).toMatch(/^(\{|,|"\w+":"\[redacted\]"|\})+$/);
    else expect(text).toBe(expected);
  });

  test('are bounded whatever comes', () => {
    let deep: unknown = 'bottom';
    for (let depth = 0; depth < 1_000; depth++) deep = [deep];
    const wide = Object.fromEntries(Array.from({ length: 1_000 }, (_, index) => [`name${index}`, 'word '.repeat(50)]));
    for (const args of [deep, wide, Array.from({ length: 10_000 }, () => 'word')]) {
      const text = redactedArguments(args);
      expect(text.length).toBeLessThanOrEqual(2_048);
      expect(JSON.parse(text)).toBeDefined();
    }
  });

  test('leaves no piece of a secret where a long text is cut', () => {
    const secret = 'S3cr3t'.repeat(20);
    for (const before of [200, 230, 250, 255]) {
      const text = redactedArguments({ note: `${'. '.repeat(before / 2)} ${secret} and more` });
      expect(text, String(before)).not.toContain('S3');
    }
  });
});
