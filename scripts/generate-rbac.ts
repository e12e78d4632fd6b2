import { Document, isMap, isScalar, isSeq } from 'yaml';
import {
  ELECTION_PERMISSIONS,
  OPERATOR_PERMISSIONS,
  PEOPLE_ROLES,
  type Permission,
} from '../src/operator/permissions.ts';

/**
 * Turns the operator's permissions into manifests, each verb with its reason as a comment. `namespaces` gives Roles in
 * these instead of one ClusterRole: an operator that looks after listed namespaces only.
 */
export interface RbacOptions {
  /** Where the operator runs. */
  namespace: string;
  serviceAccount: string;
  namespaces?: readonly string[];
}

const OPERATOR_ROLE = 'crisp-mcp-operator';
const ELECTION_ROLE = 'crisp-mcp-operator-election';
const LABELS = { 'app.kubernetes.io/part-of': 'crisp-mcp' };
const RBAC = 'rbac.authorization.k8s.io';

export function rbacYaml(options: RbacOptions): string {
  return rbacDocuments(options)
    .map((document) => document.toString({ lineWidth: 0 }))
    .join('---\n');
}

function rbacDocuments(options: RbacOptions): Document[] {
  const { namespace, serviceAccount, namespaces } = options;
  const operator =
    namespaces === undefined
      ? [
          role({ name: OPERATOR_ROLE, permissions: OPERATOR_PERMISSIONS }),
          binding({ name: OPERATOR_ROLE, role: OPERATOR_ROLE, options }),
        ]
      : namespaces.flatMap((watched) => [
          role({ name: OPERATOR_ROLE, namespace: watched, permissions: OPERATOR_PERMISSIONS }),
          binding({ name: OPERATOR_ROLE, role: OPERATOR_ROLE, namespace: watched, options }),
        ]);
  return [
    new Document({
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { name: serviceAccount, namespace, labels: LABELS },
    }),
    ...operator,
    role({ name: ELECTION_ROLE, namespace, permissions: ELECTION_PERMISSIONS }),
    binding({ name: ELECTION_ROLE, role: ELECTION_ROLE, namespace, options }),
    ...PEOPLE_ROLES.map(({ name, description, permissions }) => role({ name, permissions, description })),
  ];
}

function role(options: {
  name: string;
  permissions: readonly Permission[];
  namespace?: string;
  description?: string;
}): Document {
  const { name, permissions, namespace, description } = options;
  const document = new Document({
    apiVersion: `${RBAC}/v1`,
    kind: namespace === undefined ? 'ClusterRole' : 'Role',
    metadata: { name, ...(namespace === undefined ? {} : { namespace }), labels: LABELS },
    rules: permissions.map(({ apiGroup, resources, resourceNames, verbs }) => ({
      apiGroups: [apiGroup],
      resources,
      ...(resourceNames === undefined ? {} : { resourceNames }),
      verbs: Object.keys(verbs),
    })),
  });
  if (description === undefined) explainVerbs(document, permissions);
  else document.commentBefore = ` ${description}`;
  return document;
}

function explainVerbs(document: Document, permissions: readonly Permission[]): void {
  const rules = document.get('rules');
  if (!isSeq(rules)) return;
  for (const [index, rule] of rules.items.entries()) {
    const verbs = isMap(rule) ? rule.get('verbs') : undefined;
    if (!isSeq(verbs)) continue;
    for (const verb of verbs.items) {
      if (isScalar(verb)) verb.comment = ` ${permissions[index]?.verbs[String(verb.value)]}`;
    }
  }
}

function binding(target: { name: string; role: string; namespace?: string; options: RbacOptions }): Document {
  const { name, namespace, options } = target;
  const scope = namespace === undefined ? 'Cluster' : '';
  return new Document({
    apiVersion: `${RBAC}/v1`,
    kind: `${scope}RoleBinding`,
    metadata: { name, ...(namespace === undefined ? {} : { namespace }), labels: LABELS },
    roleRef: { apiGroup: RBAC, kind: `${scope}Role`, name: target.role },
    subjects: [{ kind: 'ServiceAccount', name: options.serviceAccount, namespace: options.namespace }],
  });
}
