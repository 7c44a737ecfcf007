/**
 * Imported for its effect, before `oidc-provider`: the library greets every Node that is no long-term release yet with a
 * warning on standard error. Which releases Popug runs on is decided, and tested, by Popug (decision 2).
 */
const { warn } = console;
console.warn = (...words: unknown[]) => {
  if (!String(words[0]).includes("oidc-provider WARNING: Unsupported runtime")) warn(...words);
};
