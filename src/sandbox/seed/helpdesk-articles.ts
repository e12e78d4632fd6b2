/** One article as an author writes it; the tree, its groups and its metadata follow from it. */
export interface SeedArticle {
  /** Group and file, such as `dashboards/filters.md`. */
  readonly path: string;
  readonly title: string;
  readonly description: string;
  readonly content: string;
  /** Not published yet, or no longer. */
  readonly draft?: true;
  readonly featured?: true;
}

export interface SeedLocale {
  readonly locale: string;
  /** Titles of the groups by their path, in order. */
  readonly groups: Readonly<Record<string, string>>;
  readonly articles: readonly SeedArticle[];
}
