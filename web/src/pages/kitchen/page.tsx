import { Plus } from "lucide-react";
import { useState } from "react";
import { PageFrame } from "../../app/page-frame.tsx";
import { Problem } from "../../api/problem.ts";
import { textOf } from "../../i18n/text.ts";
import { Avatar, Person } from "../../ui/avatar.tsx";
import { Button, type ButtonLook, Keys } from "../../ui/button.tsx";
import { ui } from "../../ui/classes.ts";
import { Dialog } from "../../ui/dialog.tsx";
import { Menu } from "../../ui/menu.tsx";
import { Money } from "../../ui/money.tsx";
import { Card, Chip, Field, Mark, Progress, SearchInput, Select, Table, Tabs, type Tone } from "../../ui/parts.tsx";
import { Skeleton } from "../../ui/skeleton.tsx";
import { EmptyState, ErrorState, LoadingRows, NoRights } from "../../ui/states.tsx";
import { showToast } from "../../ui/toast.ts";

const looks: ButtonLook[] = ["primary", "line", "ghost", "danger"];
const tones: (Tone | undefined)[] = [undefined, "accent", "pos", "warn", "neg"];
const row = { display: "flex", gap: 12, flexWrap: "wrap", alignItems: "center", padding: "0 20px 20px" } as const;
const amounts = [128_400, -870, 0, 1_713_600];

/** Every part of the kit in every state; in development only, so its words are not translated. */
export function KitchenPage() {
  const t = textOf("kitchen");
  const [tab, setTab] = useState("30");
  const [open, setOpen] = useState(false);
  return (
    <PageFrame area="operations" title={t("title")}>
      <div style={{ display: "grid", gap: 20 }}>
        <Card title="Buttons">
          <div style={row}>
            {looks.map((look) => (
              <Button key={look} look={look}>
                {look}
              </Button>
            ))}
            <Button disabled>disabled</Button>
            <Button small>small</Button>
            <Button icon aria-label="An icon with a tooltip">
              <Plus size={16} />
            </Button>
            <Keys keys="Mod+KeyK" />
            <Button onClick={() => setOpen(true)}>Dialog</Button>
            <Menu
              trigger={<Button>Menu</Button>}
              items={[
                { text: "CSV", run: () => {} },
                { text: "PDF", run: () => {}, disabled: true },
              ]}
            />
            <Button
              onClick={() =>
                showToast({
                  text: "#42 is done",
                  note: "Fix the perch",
                  action: { text: "Undo", keys: "Mod+KeyZ", run: () => {} },
                })
              }
            >
              Toast
            </Button>
          </div>
        </Card>
        <Card title="Chips, marks, people" note="colour only where it means something">
          <div style={row}>
            {tones.map((tone) => (
              <Chip key={tone ?? "plain"} tone={tone}>
                {tone ?? "plain"}
              </Chip>
            ))}
            <Mark tone="pos">+</Mark>
            <Mark>−</Mark>
            {["a", "b", "c", "d", "e"].map((id) => (
              <Avatar key={id} id={id} size={28} />
            ))}
            <Person id="gosha" name="Gosha Perov" />
          </div>
        </Card>
        <Card title="Money">
          <div style={row}>
            <Money minor={128_400} currency="USD" size="hero" />
            <Money minor={984_250} currency="USD" size="big" />
            {amounts.map((minor) => (
              <Money key={minor} minor={minor} currency="USD" signed tone="flow" />
            ))}
            <Money minor={-870} currency="USD" tone="balance" />
            <Money minor={123_456} currency="JPY" />
          </div>
        </Card>
        <Card title="Fields">
          <div style={row}>
            <Field label="A field" hint="with a hint">
              {(control) => <input {...control} />}
            </Field>
            <Field label="A field" wrong="What is wrong with it">
              {(control) => <input {...control} defaultValue="???" />}
            </Field>
            <SearchInput aria-label="Search" placeholder="Search" />
            <Select aria-label="Select" style={{ width: 120 }}>
              <option>One</option>
              <option>Two</option>
            </Select>
            <Tabs
              label="Days"
              value={tab}
              onChange={setTab}
              options={[
                { value: "7", text: "7 days" },
                { value: "30", text: "30 days", count: 3 },
              ]}
            />
          </div>
        </Card>
        <Card title="Table">
          <Table label="A table">
            <thead>
              <tr>
                <th>Entry</th>
                <th className={ui.right}>Amount</th>
              </tr>
            </thead>
            <tbody>
              <tr data-new="">
                <td className={ui.fill}>Fix the perch in hall 1</td>
                <td className={ui.right}>
                  <Money minor={3_200} currency="USD" signed tone="flow" />
                </td>
              </tr>
            </tbody>
          </Table>
        </Card>
        <Card title="States">
          <div style={{ padding: 20, display: "grid", gap: 12 }}>
            <Progress label="Progress" value={44} max={100} />
            <Skeleton width={240} />
            <LoadingRows rows={3} />
          </div>
          <EmptyState title="Nothing yet" action={<Button>Do the next thing</Button>}>
            What will be here, and how it comes.
          </EmptyState>
          <ErrorState error={new Problem({ status: 500, code: "internal-error", instance: "0192" })} retry={() => {}} />
          <ErrorState error={new Problem({ status: 0 })} />
          <NoRights />
        </Card>
      </div>
      {open && (
        <Dialog title="A dialog" onClose={() => setOpen(false)}>
          Esc closes it.
        </Dialog>
      )}
    </PageFrame>
  );
}
