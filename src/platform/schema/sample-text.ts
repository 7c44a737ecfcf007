/** Texts that match a pattern or a format: raw material for counter-examples, always checked by a validator after. */

const letters = "abcdefghijklmnopqrstuvwxyz";
const digits = "0123456789";
const printable = `${letters}${letters.toUpperCase()}${digits} -_./:,'"[](){}!?#@+*=%&;`;

const ofFormat: Record<string, string> = {
  uuid: "01890a5d-ac96-774b-bcce-b302099a8057",
  "date-time": "2026-11-22T10:00:00.000Z",
  date: "2026-11-22",
  time: "10:00:00Z",
  email: "popug@example.com",
  uri: "https://example.com/",
  ipv4: "192.0.2.1",
  ipv6: "2001:db8::1",
};

/** A text of a format, if it is one we know an example of. */
export function textOfFormat(format: string): string | undefined {
  return ofFormat[format];
}

/**
 * A text that probably matches: reads the plain part of the language of patterns (classes, groups, alternatives,
 * quantifiers, anchors) and gives up with undefined on the rest (look-around, back-references).
 * @param repeat how often at least something that may be repeated is repeated, within its bounds
 * @param pick which alternative and which character of a class to take
 */
export function textOfPattern(pattern: string, repeat: number, pick: number): string | undefined {
  let at = 0;
  const choose = (from: string) => from[pick % Math.max(from.length, 1)] ?? "";

  const alternatives = (): string => {
    const branches = [sequence()];
    while (pattern[at] === "|") {
      at += 1;
      branches.push(sequence());
    }
    return branches[pick % branches.length] as string;
  };
  const sequence = (): string => {
    let text = "";
    while (at < pattern.length && pattern[at] !== "|" && pattern[at] !== ")") {
      const piece = atom();
      const [least, most] = quantifier();
      text += piece.repeat(Math.min(Math.max(least, repeat), most));
    }
    return text;
  };
  const atom = (): string => {
    const sign = pattern[at++] as string;
    if (sign === "^" || sign === "$") return "";
    if (sign === ".") return choose(letters);
    if (sign === "[") return choose(characterClass());
    if (sign === "\\") return choose(escape(pattern[at++] ?? "\\"));
    if (sign !== "(") return sign;
    if (pattern[at] === "?" && pattern[at + 1] !== ":") throw new SyntaxError("look-around");
    if (pattern[at] === "?") at += 2;
    const text = alternatives();
    at += 1;
    return text;
  };
  const characterClass = (): string => {
    const negated = pattern[at] === "^";
    if (negated) at += 1;
    let members = "";
    while (pattern[at] !== "]" && at < pattern.length) {
      let sign = pattern[at++] as string;
      if (sign === "\\") sign = escape(pattern[at++] ?? "\\");
      if (sign.length === 1 && pattern[at] === "-" && pattern[at + 1] !== "]") {
        const last = pattern[at + 1] as string;
        at += 2;
        for (let code = sign.charCodeAt(0); code <= last.charCodeAt(0); code++) members += String.fromCharCode(code);
      } else members += sign;
    }
    at += 1;
    return negated
      ? printable
          .split("")
          .filter((sign) => !members.includes(sign))
          .join("")
      : members;
  };
  const quantifier = (): [number, number] => {
    const [whole, sign, least, comma, most] = /^(?:([*+?])|\{(\d+)(,)?(\d+)?\})\??/.exec(pattern.slice(at)) ?? [];
    if (whole === undefined) return [1, 1];
    at += whole.length;
    if (sign !== undefined) return [sign === "+" ? 1 : 0, sign === "?" ? 1 : Number.POSITIVE_INFINITY];
    const from = Number(least);
    return [from, comma === undefined ? from : most === undefined ? Number.POSITIVE_INFINITY : Number(most)];
  };

  try {
    return alternatives();
  } catch {
    return undefined;
  }
}

function escape(sign: string): string {
  const classes: Record<string, string> = {
    d: digits,
    w: `${letters}${digits}_`,
    s: " ",
    D: letters,
    W: " -",
    S: letters,
  };
  if (sign in classes) return classes[sign] as string;
  if (/[bBpPkux1-9]/.test(sign)) throw new SyntaxError("not read");
  return { n: "\n", t: "\t", r: "\r" }[sign] ?? sign;
}
