// Does nothing: running it through run.mjs leaves dependencies and runtime installed.
export {};
