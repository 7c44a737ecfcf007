/** Passkeys as people use them: in the app and on the page of the sign-in, with an authenticator inside a real browser. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import type { TestApp } from "../kit/app.ts";
import { newcomer, PASSWORD } from "../services/auth/web-browser.ts";
import { openBrowser, openWindow, skip, startPublicApp } from "./browser.ts";

describe("passkeys", { skip }, () => {
  let app: TestApp;
  let browser: Browser;
  before(async () => {
    app = await startPublicApp({ people: [], settings: { demo: false } });
    await newcomer(app, "gosha");
    browser = await openBrowser();
  });
  after(async () => {
    await browser?.close();
    await app?.stop();
  });

  /** A device with a fingerprint reader that always says yes. */
  async function withAuthenticator(page: Page): Promise<void> {
    const devtools = await page.context().newCDPSession(page);
    await devtools.send("WebAuthn.enable");
    const options = { protocol: "ctap2", transport: "internal", automaticPresenceSimulation: true } as const;
    const user = { hasResidentKey: true, hasUserVerification: true, isUserVerified: true };
    await devtools.send("WebAuthn.addVirtualAuthenticator", { options: { ...options, ...user } });
  }

  test("somebody adds one by its name, signs in with it alone, and after it is removed it opens nothing", async () => {
    const { page, close } = await openWindow(browser);
    await withAuthenticator(page);
    await page.goto(`${app.url}/auth/login?return_to=/settings`);
    await page.getByLabel("Login").fill("gosha");
    await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
    await page.getByLabel("Name of the new passkey").fill("My laptop");
    await page.getByLabel("Your password").fill(PASSWORD);
    await page.getByRole("button", { name: "Add a passkey" }).click();
    await page.getByText("never used").waitFor();
    assert.equal(await page.getByLabel("Your password").inputValue(), "", "the password has left the screen");

    const signInWithIt = async () => {
      await page.getByRole("button", { name: "Sign out" }).first().click();
      await page.waitForURL(/\/login\//);
      await page.goto(`${app.url}/auth/login?return_to=/settings`);
      await page.getByRole("button", { name: "Sign in with a passkey" }).click();
    };
    await signInWithIt();
    await page.waitForURL(`${app.url}/settings`);
    await page.getByText("My laptop").waitFor();
    assert.equal(await page.getByText("never used").count(), 0);

    await page.getByRole("button", { name: "Remove" }).click();
    await page.getByText("You have none yet").waitFor();
    await signInWithIt();
    await page.getByRole("alert").waitFor();
    assert.match(page.url(), /\/login\//);
    await close();
  });
});
