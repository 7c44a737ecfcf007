/** Real time, in milliseconds since 1970: what tokens, cookies and keys live by, whatever a demo's clock says. */
export const realTime = (): number => Date.now();
