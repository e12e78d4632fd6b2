import { describe, expect, test } from 'vitest';
import { parseManifestFile } from './manifest-file.ts';

const server = `apiVersion: crispmcp.io/v1alpha1
kind: CrispMcpServer
metadata:
  name: support
spec:
  accountRef: { name: acme }
  methods: [read]
`;

describe('a manifest file', () => {
  test('yields each document with its namespace filled in and its line', () => {
    const parsed = parseManifestFile(
      'a.yaml',
      `${server}---\n# only a comment\n---\n${server.replace('support', 'two')}`,
      {},
    );
    expect(parsed).toMatchObject({
      ok: true,
      manifests: [
        {
          file: 'a.yaml',
          line: 1,
          object: { kind: 'CrispMcpServer', metadata: { name: 'support', namespace: 'default' } },
        },
        { file: 'a.yaml', line: 11, object: { metadata: { name: 'two' } } },
      ],
    });
  });

  test('fills in known variables inside strings and refuses unknown ones', () => {
    const secret = 'apiVersion: v1\nkind: Secret\nmetadata: { name: s }\nstringData:\n  key: $' + '{CRISP_KEY}\n';
    expect(parseManifestFile('s.yaml', secret, { CRISP_KEY: 'k' })).toMatchObject({
      manifests: [{ object: { stringData: { key: 'k' } } }],
    });
    expect(parseManifestFile('s.yaml', secret, { OTHER: 'x' })).toEqual({
      ok: false,
      problems: [{ file: 's.yaml', line: 5, message: '$' + '{CRISP_KEY} is not known here; known are: OTHER' }],
    });
  });

  test.each([
    ['a value of the wrong type', server.replace('[read]', 'read'), 7, /spec\.methods: /],
    ['a value outside its set', server.replace('[read]', '[raed]'), 7, /spec\.methods\[0\]: /],
    ['an unknown field of the spec', `${server}  exprisAt: x\n`, 8, /spec\.exprisAt: unknown field/],
    ['an unknown field of the object', `${server}sepc: {}\n`, 1, /sepc: unknown field/],
    ['a missing field', server.replace('  accountRef: { name: acme }\n', ''), 6, /spec\.accountRef: /],
    ['a kind it does not know', server.replace('CrispMcpServer', 'Deployment'), 1, /standalone mode takes: v1 Secret/],
    ['broken YAML', `${server}  tags: [support\n`, 9, /./],
    ['something that is not a mapping', '- a\n- b\n', 1, /found no apiVersion and kind/],
  ])('%s is refused with its line', (_what, text, line, message) => {
    const parsed = parseManifestFile('a.yaml', text, {});
    expect(parsed.ok).toBe(false);
    if (parsed.ok) return;
    expect(parsed.problems[0]).toMatchObject({ file: 'a.yaml', line });
    expect(parsed.problems[0]?.message).toMatch(message);
  });

  test('an alias bomb is refused, not expanded', () => {
    const levels = Array.from(
      { length: 12 },
      (_, i) =>
        `l${i}: &l${i} [${Array(10)
          .fill(i === 0 ? 'x' : `*l${i - 1}`)
          .join(', ')}]`,
    );
    const parsed = parseManifestFile('bomb.yaml', levels.join('\n'), {});
    expect(parsed).toMatchObject({ ok: false, problems: [{ file: 'bomb.yaml' }] });
  });
});
