import { isFields } from '../json-rpc.ts';
import { withoutSecrets } from '../secret-like.ts';

/**
 * The arguments of a call as the audit may keep them: values under a name that speaks of a secret, and texts that look
 * like one, are replaced; long texts, lists and deep structures are cut. The result is JSON and bounded, whatever came in.
 */
const SECRET_NAME =
  /pass(?:word|phrase|code)?$|secret|token|authori[sz]ation|credential|cookie|signature|api_?key|(?:^|[_-])key$|^otp$|^pin$/i;
const REDACTED = '[redacted]';
const CUT = '[cut]';
const MOST_DEPTH = 6;
const MOST_ITEMS = 32;
const MOST_TEXT = 256;
const MOST_CHARACTERS = 2_048;
/** Of a secret that is to be recognised. */
const LONGEST_SECRET = 256;

export function redactedArguments(args: unknown): string {
  const text = JSON.stringify(redacted(args, 0)) ?? 'null';
  return text.length <= MOST_CHARACTERS ? text : JSON.stringify(CUT);
}

function redacted(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return redactedText(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth === MOST_DEPTH) return CUT;
  if (Array.isArray(value)) {
    const items = value.slice(0, MOST_ITEMS).map((item) => redacted(item, depth + 1));
    return value.length <= MOST_ITEMS ? items : [...items, CUT];
  }
  if (!isFields(value)) return CUT;
  const entries = Object.entries(value);
  const kept = entries
    .slice(0, MOST_ITEMS)
    .map(([name, inner]) => [withoutSecrets(name), SECRET_NAME.test(name) ? REDACTED : redacted(inner, depth + 1)]);
  return Object.fromEntries(entries.length <= MOST_ITEMS ? kept : [...kept, [CUT, entries.length - MOST_ITEMS]]);
}

/** Cleared before it is cut, or the beginning of a secret that the cut goes through would be too short to look like one. */
function redactedText(value: string): string {
  const text = withoutSecrets(value.slice(0, MOST_TEXT + LONGEST_SECRET));
  return value.length <= MOST_TEXT ? text : `${text.slice(0, MOST_TEXT)}…`;
}
