/**
 * The full form of an image's name, as containerd keeps it and as the kubelet asks for it: `crisp-mcp:0.1.0` in a Pod is
 * `docker.io/library/crisp-mcp:0.1.0` on the node. An archive that says the short form is imported under a name that no
 * Pod ever finds.
 */
export function fullImageName(name: string): string {
  const match = /^([a-z0-9][a-z0-9._/:-]*?)(?::([A-Za-z0-9_][A-Za-z0-9._-]{0,127}))$/.exec(name);
  if (match?.[1] === undefined) {
    throw new Error(
      `"${name}" is not an image name with a tag, like crisp-mcp:0.1.0 or registry.example.com/crisp-mcp:0.1.0`,
    );
  }
  const parts = match[1].split('/');
  const [first = ''] = parts;
  const namesRegistry = parts.length > 1 && (/[.:]/.test(first) || first === 'localhost');
  if (namesRegistry) return name;
  return parts.length === 1 ? `docker.io/library/${name}` : `docker.io/${name}`;
}
