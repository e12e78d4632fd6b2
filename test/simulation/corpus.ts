/**
 * Seeds of runs that once found a defect, run first each time. When scripts are drawn differently a seed becomes another
 * run; what it found stays covered by a unit test of its own.
 */
export const CORPUS: readonly { readonly seed: number; readonly found: string }[] = [];
