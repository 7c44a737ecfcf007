/** How somebody works in the browser: with a mouse, or with the keys of a Russian layout alone. */
import assert from "node:assert/strict";
import type { Locator, Page } from "playwright-core";

export type Hands = {
  /** Presses a button or follows a link. `keys`: what does the same from anywhere on the page. */
  press: (target: Locator, keys?: readonly string[]) => Promise<void>;
  write: (target: Locator, text: string) => Promise<void>;
};

export const mouse: Hands = {
  press: (target) => target.click(),
  write: async (target, text) => {
    await target.click();
    await target.press("Control+KeyA");
    await target.pressSequentially(text);
  },
};

export const keyboard: Hands = {
  press: async (target, keys) => {
    const page = target.page();
    if (keys === undefined) {
      await tabTo(target);
      await page.keyboard.press("Enter");
    } else {
      for (const code of keys) await pressRussian(page, code);
    }
  },
  write: async (target, text) => {
    await tabTo(target);
    await target.page().keyboard.press("Control+KeyA");
    await target.page().keyboard.type(text);
  },
};

const STOPS = 150;

/** Goes on with Tab until it is there, as somebody without a mouse does. */
async function tabTo(target: Locator): Promise<void> {
  await target.waitFor();
  for (let stop = 0; stop < STOPS; stop++) {
    if (await target.evaluate((element) => element.matches(":focus"))) return;
    await target.page().keyboard.press("Tab");
  }
  assert.fail(`Tab does not reach ${target}`);
}

const russian: Record<string, string> = {
  KeyC: "с",
  KeyE: "у",
  KeyG: "п",
  KeyI: "ш",
  KeyP: "з",
  KeyB: "и",
  KeyM: "ь",
  KeyT: "е",
};

/** The key at that place of the keyboard, with the letter that a Russian layout has there. */
export async function pressRussian(page: Page, code: string): Promise<void> {
  const key = russian[code];
  assert(key !== undefined, `no letter for ${code}`);
  const session = await page.context().newCDPSession(page);
  const common = { code, key, windowsVirtualKeyCode: code.charCodeAt(3) };
  await session.send("Input.dispatchKeyEvent", { type: "keyDown", text: key, ...common });
  await session.send("Input.dispatchKeyEvent", { type: "keyUp", ...common });
  await session.detach();
}
