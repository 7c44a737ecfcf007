/** The pages of `pages.test.ts` in the dark: in `npm run test:web` only. */
import { everyLook, looksIn, openEveryPage } from "./every-page.ts";

if (everyLook) openEveryPage("every page in the dark", looksIn("dark"));
