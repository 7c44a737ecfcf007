/** A path of ours to return to; everything else is the start page. */
export function ownPath(wanted: unknown): string {
  if (typeof wanted !== "string" || wanted.length > 500 || !/^\/[\x21-\x7e]*$/.test(wanted)) return "/";
  // Browsers read a second slash, or a backslash in its place, as another host.
  const base = "http://popug.invalid";
  return !wanted.includes("\\") && URL.canParse(wanted, base) && new URL(wanted, base).origin === base ? wanted : "/";
}
