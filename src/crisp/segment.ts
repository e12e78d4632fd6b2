/**
 * One segment of a URL's path, percent-encoded so that it can be nothing but that: no slash, no query, no way up. What
 * cannot be a segment is refused with {@link UnsafePathError} rather than altered.
 */
export class UnsafePathError extends Error {
  readonly code = 'CRISP_UNSAFE_PATH';
  /** The argument. */
  readonly field: string;

  constructor(field: string, problem: string) {
    super(problem);
    this.name = 'UnsafePathError';
    this.field = field;
  }
}

export function encodeSegment(field: string, value: string): string {
  if (value === '') throw new UnsafePathError(field, 'must not be empty');
  if (value === '.' || value === '..') throw new UnsafePathError(field, `"${value}" is not allowed in a path`);
  if (value.includes('\0')) throw new UnsafePathError(field, 'must not contain NUL');
  if (!value.isWellFormed()) throw new UnsafePathError(field, 'is not well-formed Unicode');
  return encodeURIComponent(value);
}

/** A path of segments joined by `/`, each encoded by itself. */
export function encodeTreePath(field: string, value: string): string {
  const segments = value.split('/');
  if (value !== '' && segments.includes('')) {
    throw new UnsafePathError(field, 'must be segments joined by single slashes, without one at the start or the end');
  }
  return segments.map((segment) => encodeSegment(field, segment)).join('/');
}
