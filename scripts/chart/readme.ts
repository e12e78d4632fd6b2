import { valuesTable } from './values-files.ts';

/** The README of the chart: what it installs, and every value. The newcomer's path is docs/install.md. */
export function chartReadme(): string {
  return `# crisp-mcp

The chart of crisp-mcp-operator: operator, gateway, Redis (or yours) and the custom resource definitions. Kubernetes 1.31
or newer; Helm 3.16 or newer, tested with Helm 4.

\`\`\`sh
helm install crisp-mcp charts/crisp-mcp --namespace crisp-mcp --create-namespace --set publicUrl=https://mcp.example.com
helm test crisp-mcp --namespace crisp-mcp
\`\`\`

Installing step by step, upgrades, rollback, rotation of keys, GitOps and uninstalling: \`docs/install.md\` of the project.
\`deploy/\` holds what this chart renders, for those who do not use Helm.

## Values

A value that is not in this table is refused (\`values.schema.json\`).

${valuesTable()}`;
}
