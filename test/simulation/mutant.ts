/**
 * Defects that the simulation must find, each as one replacement in one source file. They stand for mistakes that a
 * refactoring could make; no production code knows of them. A replacement whose text is no longer found exactly once
 * fails loudly, so that none goes stale.
 */
export interface Mutant {
  readonly name: string;
  /** Below `src/`. */
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}
