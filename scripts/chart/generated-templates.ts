import { stringify } from 'yaml';
import {
  CLEANUP_PERMISSIONS,
  ELECTION_PERMISSIONS,
  OPERATOR_PERMISSIONS,
  PEOPLE_ROLES,
  type Permission,
} from '../../src/operator/permissions.ts';
import { LEASE_NAME } from '../../src/resources/names.ts';
import { AUDIT_RULES, GATEWAY_RULES, OPERATOR_RULES } from '../../src/routes/redis/acl.ts';

/**
 * The templates of the chart whose content the program knows: CRDs, the rules of roles, the users of Redis. They come
 * from the same sources as the program's own checks, so that the chart can neither grant more nor forget a verb.
 */
export function crdTemplate(name: string, crd: string): string {
  if (crd.includes('{{')) throw new Error(`The CRD ${name} contains "{{", which Helm would take for its own`);
  const metadata = `metadata:\n  name: ${name}\n`;
  if (!crd.includes(metadata)) throw new Error(`The CRD ${name} does not begin its metadata with its name`);
  const keeping = `${metadata}  {{- if .Values.crds.keep }}\n  annotations:\n    helm.sh/resource-policy: keep\n  {{- end }}\n`;
  return `{{- if .Values.crds.enabled }}\n${crd.replace(metadata, keeping)}{{- end }}\n`;
}

export function permissionTemplates(): string {
  return [
    define('crisp-mcp.permissions.operator', stringify(OPERATOR_PERMISSIONS.map(rule))),
    define(
      'crisp-mcp.permissions.election',
      stringify(ELECTION_PERMISSIONS.map(rule)).replaceAll(
        `- ${LEASE_NAME}\n`,
        `- {{ include "crisp-mcp.operator.name" . }}\n`,
      ),
    ),
    define('crisp-mcp.permissions.cleanup', stringify(CLEANUP_PERMISSIONS.map(rule))),
    define('crisp-mcp.permissions.userRoles', PEOPLE_ROLES.map(userRole).join('')),
  ].join('\n');
}

export function redisUserTemplates(): string {
  return [
    define('crisp-mcp.redis.operatorRules', `${OPERATOR_RULES.join(' ')}\n`),
    define(
      'crisp-mcp.redis.gatewayRules',
      `${GATEWAY_RULES.join(' ')}{{ if eq .Values.gateway.audit.place "redis" }} ${AUDIT_RULES.join(' ')}{{ end }}\n`,
    ),
  ].join('\n');
}

function rule({ apiGroup, resources, resourceNames, verbs }: Permission): object {
  return {
    apiGroups: [apiGroup],
    resources: [...resources],
    ...(resourceNames === undefined ? {} : { resourceNames: [...resourceNames] }),
    verbs: Object.keys(verbs),
  };
}

function userRole({ name, description, permissions }: (typeof PEOPLE_ROLES)[number]): string {
  const rules = stringify(permissions.map(rule)).replace(/^(?=.)/gm, '  ');
  return `---
# ${description}
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata:
  name: ${name}
  labels:
    {{- include "crisp-mcp.labels" (list . "user-roles") | nindent 4 }}
rules:
${rules}`;
}

function define(name: string, body: string): string {
  return `{{- define "${name}" -}}\n${body}{{- end -}}\n`;
}
