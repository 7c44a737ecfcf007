/** What is printed, as Chromium lays it out for paper: the sheet alone, black on white, nothing of it left out. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import { type Look, openBrowser, openScreen, skip } from "./browser.ts";
import { type Company, startCompany } from "./company.ts";

/** A4 without the margins of our sheets, at 96 points to the inch. */
const PAPER = { width: 688, height: 1017 };

const sheets = [
  { name: "the ledger of an account", path: "/account", as: "worker1", columns: 4 },
  { name: "a payslip", path: "/account?payslip=1", as: "worker1", columns: 4 },
  {
    name: "a statement",
    path: ({ day }: Company) => `/account?from=${day}&to=${day}`,
    as: "worker1",
    columns: 6,
  },
  { name: "a billing day", path: "/billing-days/1", as: "accountant", columns: 4 },
  {
    name: "the ledger of the company",
    path: ({ day }: Company) => `/company?day=${day}&ledger=all`,
    as: "accountant",
    columns: 4,
  },
];

describe("printed sheets", { skip }, () => {
  let company: Company;
  let browser: Browser;

  before(async () => {
    company = await startCompany();
    browser = await openBrowser();
  });
  after(async () => {
    await browser?.close();
    await company?.app.stop();
  });

  for (const { name, path, as, columns } of sheets) {
    for (const look of [{}, { theme: "dark", language: "ru" }] satisfies Look[]) {
      test(`${name} from the ${look.theme ?? "light"} app in ${look.language ?? "en"}: no navigation, black on white, every column whole`, async () => {
        const { page, open, close } = await openScreen(browser, company.app, as, look);
        try {
          await open(typeof path === "string" ? path : path(company));
          await page.locator("main table").first().waitFor();
          await page.setViewportSize(PAPER);
          await page.emulateMedia({ media: "print" });
          await page.evaluate(`(async () => {
            while (document.getAnimations().length > 0) await new Promise(requestAnimationFrame);
          })()`);
          const sheet = await lookAt(page);
          assert.deepEqual(sheet.controls, [], "nothing to press or fill in");
          assert.deepEqual(sheet.cut, [], "nothing is cut off");
          assert.deepEqual(sheet.pale, [], "dark enough to read on white");
          assert.equal(sheet.columns, columns, "no column is left out");
          assert.equal(sheet.heads, "table-header-group", "heads are repeated on each page");
        } finally {
          await close();
        }
      });
    }
  }
});

type Sheet = { controls: string[]; cut: string[]; pale: string[]; columns: number; heads: string };

function lookAt(page: Page): Promise<Sheet> {
  return page.evaluate(`(() => {
    const seen = (all) => [...all].filter((one) => one.checkVisibility({ visibilityProperty: true }) && one.getBoundingClientRect().width > 1);
    const words = (one) => one.textContent.trim().slice(0, 40);
    const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
    // Any notation of a colour, on white.
    const light = (colour) => {
      canvas.fillStyle = "#fff";
      canvas.fillRect(0, 0, 1, 1);
      canvas.fillStyle = colour;
      canvas.fillRect(0, 0, 1, 1);
      return Math.max(...canvas.getImageData(0, 0, 1, 1).data.slice(0, 3));
    };
    const texts = seen(document.querySelectorAll("body *")).filter((one) =>
      [...one.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim() !== ""));
    const table = seen(document.querySelectorAll("main table"))[0];
    return {
      controls: seen(document.querySelectorAll("nav, button:not(table button), select, input, [role=note]")).map(words),
      cut: texts.filter((one) => {
        const { left, right } = one.getBoundingClientRect();
        return left < 0 || right > innerWidth + 1 || one.scrollWidth > one.clientWidth + 1 && getComputedStyle(one).overflowX !== "visible";
      }).map(words),
      pale: [...texts.filter((one) => light(getComputedStyle(one).color) > 0x55), ...[document.body].filter((one) => {
        const { backgroundColor } = getComputedStyle(one);
        return light(backgroundColor) < 0xff;
      })].map(words),
      columns: seen(table.querySelectorAll("thead th")).length,
      heads: getComputedStyle(table.querySelector("thead")).display,
    };
  })()`);
}
