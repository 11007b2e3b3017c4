/** The part of Vite's import.meta that test suites use: all modules that match a pattern, by path. */
interface ImportMeta {
  glob<T>(pattern: string, options: { readonly eager: true }): Record<string, T>;
}
