/** How a title with a bracketed id splits, and how the parts join again: one rule for writers and for the casts. */

/** `[ABC-12] - Title` and `[ABC-12] Title`; other brackets belong to the title. */
const pattern = /^\[([A-Za-z][A-Za-z0-9_]*-\d+)\]\s*(?:-\s+)?(\S.*)$/s;

export function splitTitle(text: string): { jiraId: string | null; title: string } {
  const match = pattern.exec(text.trim());
  return match ? { jiraId: match[1] as string, title: match[2] as string } : { jiraId: null, title: text.trim() };
}

export function joinTitle({ jiraId, title }: { jiraId: string | null; title: string }): string {
  return jiraId === null ? title : `[${jiraId}] - ${title}`;
}
