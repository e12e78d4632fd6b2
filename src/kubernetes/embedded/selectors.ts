/**
 * Label and field selectors as list and watch take them. Parsing throws {@link SelectorError}, which the API answers as
 * a bad request.
 */
export class SelectorError extends Error {
  override readonly name = 'SelectorError';
  readonly code = 'SELECTOR_INVALID';
}

export type LabelPredicate = (labels: Readonly<Record<string, string>>) => boolean;
export type FieldPredicate = (field: (path: string) => string | undefined) => boolean;

/** `a=b`, `a==b`, `a!=b`, `a in (x,y)`, `a notin (x,y)`, `a`, `!a`, joined by commas. */
export function labelSelector(selector: string): LabelPredicate {
  const requirements = splitOutsideParentheses(selector).map(labelRequirement);
  return (labels) => requirements.every((requirement) => requirement(labels));
}

function labelRequirement(term: string): LabelPredicate {
  const set = /^([\w./-]+)\s+(in|notin)\s*\(([^()]*)\)$/.exec(term);
  if (set !== null) {
    const [, key = '', operator, list = ''] = set;
    const values = new Set(list.split(',').map((value) => value.trim()));
    return operator === 'in'
      ? (labels) => labels[key] !== undefined && values.has(labels[key])
      : (labels) => labels[key] === undefined || !values.has(labels[key]);
  }
  const comparison = /^([\w./-]+)\s*(==|=|!=)\s*([\w.-]*)$/.exec(term);
  if (comparison !== null) {
    const [, key = '', operator, value] = comparison;
    return operator === '!=' ? (labels) => labels[key] !== value : (labels) => labels[key] === value;
  }
  const presence = /^(!?)\s*([\w./-]+)$/.exec(term);
  if (presence === null) throw new SelectorError(`unable to parse requirement: "${term}"`);
  const [, negated, key = ''] = presence;
  return negated === '!' ? (labels) => labels[key] === undefined : (labels) => labels[key] !== undefined;
}

/** `path=value`, `path==value`, `path!=value`, joined by commas, on the paths that `supported` names. */
export function fieldSelector(selector: string, supported: ReadonlySet<string>): FieldPredicate {
  const terms = selector.split(',').filter((term) => term !== '');
  const requirements = terms.map((term): FieldPredicate => {
    const match = /^([^=!]+)(==|=|!=)(.*)$/.exec(term);
    if (match === null) throw new SelectorError(`invalid field selector: "${term}"`);
    const [, path = '', operator, value] = match;
    if (!supported.has(path)) throw new SelectorError(`field label not supported: ${path}`);
    return operator === '!=' ? (field) => field(path) !== value : (field) => field(path) === value;
  });
  return (field) => requirements.every((requirement) => requirement(field));
}

function splitOutsideParentheses(selector: string): string[] {
  return selector
    .split(/,(?![^(]*\))/)
    .map((term) => term.trim())
    .filter((term) => term !== '');
}
