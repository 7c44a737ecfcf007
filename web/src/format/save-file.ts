/** Gives a text to the reader as a file. A spreadsheet takes it for UTF-8 by the mark at its beginning. */
export function saveFile(name: string, text: string, type: "text/csv" | "message/rfc822"): void {
  const url = URL.createObjectURL(new Blob([type === "text/csv" ? "\uFEFF" : "", text], { type }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}
