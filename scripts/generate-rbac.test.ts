import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { OPERATOR_PERMISSIONS, PEOPLE_ROLES } from '../src/operator/permissions.ts';
import { rbacYaml } from './generate-rbac.ts';

const where = { namespace: 'crisp-mcp', serviceAccount: 'operator' };

function manifests(options: Parameters<typeof rbacYaml>[0]) {
  return parseAllDocuments(rbacYaml(options)).map((document) => document.toJS());
}

describe('the operator role', () => {
  it('has no wildcard anywhere', () => {
    for (const { resources, verbs } of [...OPERATOR_PERMISSIONS, ...PEOPLE_ROLES.flatMap((role) => role.permissions)]) {
      expect([...resources, ...Object.keys(verbs)]).not.toContain('*');
    }
  });

  it('cannot change accounts but for their finalizer, nor delete them', () => {
    const verbs = OPERATOR_PERMISSIONS.filter(({ resources }) => resources.includes('crispaccounts')).flatMap((rule) =>
      Object.keys(rule.verbs),
    );
    expect(verbs).toEqual(['list', 'watch', 'patch']);
  });

  it('gives each verb its reason in the manifest', () => {
    expect(rbacYaml(where)).toMatch(/- delete # delete the token with its server/);
  });
});

it('is a Role in each listed namespace when the operator looks after these only', () => {
  const roles = manifests({ ...where, namespaces: ['a', 'b'] }).filter(({ kind }) => kind === 'Role');
  expect(roles.map(({ metadata }) => metadata.namespace)).toEqual(['a', 'b', 'crisp-mcp']);
});

it('never lets accounts aggregate into the roles that namespaces hand out', () => {
  for (const manifest of manifests(where)) expect(JSON.stringify(manifest)).not.toContain('aggregate-to');
});
