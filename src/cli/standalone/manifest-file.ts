import { type Document, isNode, LineCounter, parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { secretType } from '../../kubernetes/core-types.ts';
import { isRecord } from '../../kubernetes/object-guard.ts';
import { crispAccountSpecSchema, crispAccountType, SECRET_NAME_PATTERN } from '../../resources/crisp-account.ts';
import { crispApiTokenSpecSchema, crispApiTokenType } from '../../resources/crisp-api-token.ts';
import { crispMcpServerSpecSchema, crispMcpServerType } from '../../resources/crisp-mcp-server.ts';
import { apiVersionOf, type KubernetesObject, type ResourceType } from '../../resources/object.ts';

/**
 * One manifest file as a user writes it: YAML documents of the kinds that standalone mode knows. A file is taken whole
 * or not at all; each problem names file, line and field. Stricter than a cluster: an unknown field is an error here,
 * because nobody else would tell the user of the slip.
 */
export interface Manifest {
  readonly type: ResourceType;
  readonly object: KubernetesObject;
  readonly file: string;
  /** 1-based line on which its document begins. */
  readonly line: number;
}

export interface ManifestProblem {
  readonly file: string;
  readonly line: number;
  readonly message: string;
}

export type ParsedFile =
  | { readonly ok: true; readonly manifests: readonly Manifest[] }
  | { readonly ok: false; readonly problems: readonly ManifestProblem[] };

/** Values for `${NAME}` in strings of a manifest. */
export type Variables = Readonly<Record<string, string>>;

const DEFAULT_NAMESPACE = 'default';
const MOST_DOCUMENTS = 500;

const objectName = z.string().min(1).max(253).regex(SECRET_NAME_PATTERN);
const metadataSchema = z.strictObject({
  name: objectName,
  namespace: z
    .string()
    .max(63)
    .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/)
    .optional(),
  labels: z.record(z.string(), z.string()).optional(),
  annotations: z.record(z.string(), z.string()).optional(),
});
const envelope = { apiVersion: z.string(), kind: z.string(), metadata: metadataSchema };
const secretSchema = z.strictObject({
  ...envelope,
  type: z.string().max(253).optional(),
  immutable: z.boolean().optional(),
  data: z.record(z.string(), z.base64()).optional(),
  stringData: z.record(z.string(), z.string()).optional(),
});

/** What the CRD says in CEL besides. */
const apiTokenSpecSchema = crispApiTokenSpecSchema.refine(
  ({ scopes, servers }) => !scopes.includes('connect') || servers !== undefined,
  { path: ['servers'], message: 'required with the scope "connect": name the servers, or "*" for all' },
);

const KINDS: readonly { type: ResourceType; schema: z.ZodType }[] = [
  { type: secretType, schema: secretSchema },
  { type: crispAccountType, schema: z.strictObject({ ...envelope, spec: crispAccountSpecSchema }) },
  { type: crispApiTokenType, schema: z.strictObject({ ...envelope, spec: apiTokenSpecSchema }) },
  { type: crispMcpServerType, schema: z.strictObject({ ...envelope, spec: crispMcpServerSpecSchema }) },
];

export function parseManifestFile(file: string, text: string, variables: Variables): ParsedFile {
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, { lineCounter: lines, prettyErrors: false });
  if (!Array.isArray(documents)) return { ok: true, manifests: [] };
  if (documents.length > MOST_DOCUMENTS) {
    return { ok: false, problems: [{ file, line: 1, message: `more than ${MOST_DOCUMENTS} documents in one file` }] };
  }
  const manifests: Manifest[] = [];
  const problems: ManifestProblem[] = [];
  for (const document of documents) {
    const parsed = parseDocument(document, variables);
    if (parsed === undefined) continue;
    const lineOf = (offset: number | undefined) => (offset === undefined ? 1 : Math.max(1, lines.linePos(offset).line));
    if ('problems' in parsed) {
      for (const { offset, message } of parsed.problems) problems.push({ file, line: lineOf(offset), message });
    } else {
      manifests.push({ ...parsed, file, line: lineOf(document.contents?.range?.[0]) });
    }
  }
  return problems.length > 0 ? { ok: false, problems } : { ok: true, manifests };
}

interface Problem {
  offset: number | undefined;
  message: string;
}
type ParsedDocument = { type: ResourceType; object: KubernetesObject } | { problems: Problem[] };

/** `undefined` for a document without content (a lone comment or separator). */
function parseDocument(document: Document.Parsed, variables: Variables): ParsedDocument | undefined {
  if (document.errors.length > 0) {
    return { problems: document.errors.map((error) => ({ offset: error.pos[0], message: error.message })) };
  }
  if (document.contents === null) return undefined;
  const at = (path: readonly PropertyKey[]) => offsetOf(document, path);
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    return { problems: [{ offset: at([]), message: error instanceof Error ? error.message : String(error) }] };
  }
  if (value === null) return undefined;
  const unresolved: Problem[] = [];
  const resolved = substitute(value, variables, [], (path, name) => {
    const known = Object.keys(variables).sort().join(', ');
    unresolved.push({ offset: at(path), message: `\${${name}} is not known here; known are: ${known}` });
  });
  if (unresolved.length > 0) return { problems: unresolved };
  return validate(resolved, at);
}

function validate(value: unknown, at: (path: readonly PropertyKey[]) => number | undefined): ParsedDocument {
  const head = z.object({ apiVersion: z.string(), kind: z.string() }).safeParse(value);
  const kind = head.success
    ? KINDS.find(({ type }) => type.kind === head.data.kind && apiVersionOf(type) === head.data.apiVersion)
    : undefined;
  if (kind === undefined) {
    const known = KINDS.map(({ type }) => `${apiVersionOf(type)} ${type.kind}`).join(', ');
    const found = head.success ? `${head.data.apiVersion} ${head.data.kind}` : 'no apiVersion and kind';
    return { problems: [{ offset: at([]), message: `found ${found}; standalone mode takes: ${known}` }] };
  }
  const result = kind.schema.safeParse(value);
  if (!result.success) {
    return {
      problems: result.error.issues.map((issue) => ({ offset: at(issue.path), message: describeIssue(issue) })),
    };
  }
  const unknown = unknownFields(value, result.data, []);
  if (unknown.length > 0) {
    return { problems: unknown.map((path) => ({ offset: at(path), message: `${pathText(path)}: unknown field` })) };
  }
  return { type: kind.type, object: withNamespace(result.data) };
}

function describeIssue(issue: z.core.$ZodIssue): string {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => `${pathText([...issue.path, key])}: unknown field`).join('; ');
  }
  return issue.path.length === 0 ? issue.message : `${pathText(issue.path)}: ${issue.message}`;
}

/** Fields of the input that the schema dropped. */
function unknownFields(input: unknown, output: unknown, path: readonly PropertyKey[]): PropertyKey[][] {
  if (Array.isArray(input) && Array.isArray(output)) {
    return input.flatMap((item, index) => unknownFields(item, output[index], [...path, index]));
  }
  if (!isRecord(input) || !isRecord(output)) return [];
  return Object.entries(input).flatMap(([key, child]) =>
    key in output ? unknownFields(child, output[key], [...path, key]) : [[...path, key]],
  );
}

function withNamespace(value: unknown): KubernetesObject {
  const object = z.looseObject(envelope).parse(value);
  return {
    ...object,
    metadata: { ...withoutUndefined(object.metadata), namespace: object.metadata.namespace ?? DEFAULT_NAMESPACE },
  };
}

function withoutUndefined(metadata: z.infer<typeof metadataSchema>) {
  const { name, labels, annotations } = metadata;
  return { name, ...(labels && { labels }), ...(annotations && { annotations }) };
}

function substitute(
  value: unknown,
  variables: Variables,
  path: readonly PropertyKey[],
  unresolved: (path: readonly PropertyKey[], name: string) => void,
): unknown {
  if (typeof value === 'string') {
    return value.replace(/\$\{([A-Z][A-Z0-9_]*)\}/g, (whole, name: string) => {
      const replacement = Object.hasOwn(variables, name) ? variables[name] : undefined;
      if (replacement === undefined) unresolved(path, name);
      return replacement ?? whole;
    });
  }
  if (Array.isArray(value)) {
    return value.map((item, index) => substitute(item, variables, [...path, index], unresolved));
  }
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, child]) => [key, substitute(child, variables, [...path, key], unresolved)]),
  );
}

/** Offset of the node at a path, or of its nearest parent that exists. */
function offsetOf(document: Document.Parsed, path: readonly PropertyKey[]): number | undefined {
  for (let length = path.length; length > 0; length -= 1) {
    const node = document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return node.range[0];
  }
  return document.contents?.range?.[0];
}

function pathText(path: readonly PropertyKey[]): string {
  return path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('')
    .replace(/^\./, '');
}
