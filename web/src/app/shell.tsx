/** The frame around every page: menu, sheet, palette, messages, keys. */
import { Link, Outlet, useMatches, useNavigate } from "@tanstack/react-router";
import { Menu as MenuIcon } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { may, type Policy, useIsDemo, useMe } from "../data/people.ts";
import { textOf, withText } from "../i18n/text.ts";
import { type Shortcut, useShortcuts } from "../keys/keyboard.ts";
import { NoRights } from "../ui/states.tsx";
import { lastViewOf, useLastView } from "./last-view.ts";
import { type Place, places, placesFor } from "./menu.ts";
import { OpenMenu, PageFrame } from "./page-frame.tsx";
import styles from "./shell.module.css";
import { Sidebar } from "./sidebar.tsx";

const Later = lazy(() => withText(import("./later.tsx"), "overlays"));
const Palette = lazy(() => withText(import("./palette.tsx"), "overlays"));
const CheatSheet = lazy(() => withText(import("./cheat-sheet.tsx"), "overlays"));

type Overlay = "palette" | "keys" | null;

export function Shell() {
  const t = textOf("shell");
  const me = useMe();
  const isDemo = useIsDemo();
  const navigate = useNavigate();
  const [overlay, setOverlay] = useState<Overlay>(null);
  const [menuOpen, setMenuOpen] = useState(false);
  const allowed = placesFor(me.roles);
  const match = useMatches().at(-1);
  const place = places.find((one) => one.name === match?.staticData.place);

  useLastView(me.userId);

  useShortcuts([
    {
      keys: "Mod+KeyK",
      label: t("keys.palette"),
      inFields: true,
      run: () => setOverlay((now) => (now === "palette" ? null : "palette")),
    },
    { keys: "Shift+Slash", label: t("keys.sheet"), run: () => setOverlay("keys") },
    { keys: "KeyC", label: t("keys.newTask"), run: () => void navigate({ to: "/tasks/new" }) },
    ...allowed.flatMap((one): Shortcut[] =>
      one.keys === undefined
        ? []
        : [
            {
              keys: one.keys,
              label: t(`place.${one.name}`),
              run: () => void navigate({ to: one.to, search: lastViewOf(me.userId, one.name) }),
            },
          ],
    ),
  ]);

  return (
    <OpenMenu value={() => setMenuOpen(true)}>
      <div className={styles.shell}>
        <a className="skip" href="#main">
          {t("skip")}
        </a>
        <Sidebar
          open={menuOpen}
          onClose={() => setMenuOpen(false)}
          onFind={() => {
            setMenuOpen(false);
            setOverlay("palette");
          }}
        />
        <main className={styles.sheet} id="main" tabIndex={-1}>
          {isDemo && (
            <p className={styles.demo} role="note">
              {t("demo")}
            </p>
          )}
          <Allowed place={place} policy={match?.staticData.policy ?? place?.policy}>
            <Outlet />
          </Allowed>
          <div id="popups" />
        </main>
        <BottomBar places={allowed} onMenu={() => setMenuOpen(true)} />
      </div>
      <Suspense>
        <Later />
      </Suspense>
      <Suspense>
        {overlay === "palette" && <Palette onClose={() => setOverlay(null)} onKeys={() => setOverlay("keys")} />}
        {overlay === "keys" && <CheatSheet onClose={() => setOverlay(null)} />}
      </Suspense>
    </OpenMenu>
  );
}

/** A page that this role may not see is not asked for at all. */
function Allowed({
  place,
  policy,
  children,
}: {
  place: Place | undefined;
  policy: Policy | undefined;
  children: React.ReactNode;
}) {
  const t = textOf("shell");
  const me = useMe();
  if (place === undefined || policy === undefined || may(me.roles, policy)) return children;
  return (
    <PageFrame area={place.area} title={t(`place.${place.name}`)}>
      <NoRights />
    </PageFrame>
  );
}

function BottomBar({ places: allowed, onMenu }: { places: readonly Place[]; onMenu: () => void }) {
  const t = textOf("shell");
  return (
    <nav className={styles.bottom} aria-label={t("mainSmall")}>
      {allowed
        .filter((place) => place.inBar !== false)
        .slice(0, 4)
        .map(({ name, to, icon: Icon }) => (
          <Link key={name} to={to} activeProps={{ "aria-current": "page" }} activeOptions={{ includeSearch: false }}>
            <Icon size={20} strokeWidth={1.75} aria-hidden="true" />
            <span>{t(`place.${name}`)}</span>
          </Link>
        ))}
      <button type="button" onClick={onMenu}>
        <MenuIcon size={20} strokeWidth={1.75} aria-hidden="true" />
        <span>{t("menu")}</span>
      </button>
    </nav>
  );
}
