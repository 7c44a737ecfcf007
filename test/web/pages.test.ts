/**
 * Every page opens on real data, says nothing on the console, and axe finds nothing against it (WCAG 2.2 AA).
 * `POPUG_WEB=all` (`npm run test:web`): in both languages, on a desktop and a telephone, and in the dark too, which is
 * `pages-dark.test.ts`, so that two processors share the work. `POPUG_PICTURES=folder` keeps a picture of each.
 */
import { everyLook, looksIn, openEveryPage } from "./every-page.ts";

openEveryPage("every page", looksIn("light").slice(0, everyLook ? 4 : 1));
