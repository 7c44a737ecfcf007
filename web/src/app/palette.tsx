import { textOf } from "../i18n/text.ts";
import { Dialog } from "../ui/dialog.tsx";

export default function Palette({ onClose }: { onClose: () => void; onKeys: () => void }) {
  return (
    <Dialog label={textOf("shell")("palette")} bare wide onClose={onClose}>
      …
    </Dialog>
  );
}
