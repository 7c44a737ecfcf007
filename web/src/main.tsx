import "./styles/index.css";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { createRoot } from "react-dom/client";
import { router } from "./app/router.tsx";
import { queries } from "./data/queries.ts";
import { loadFrameText } from "./i18n/text.ts";

const root = document.getElementById("root");
if (root === null) throw new Error("there is no #root in index.html");
// States of pages need words before any page has loaded its own. Not awaited: the chunk of words needs this one.
void loadFrameText().then(() =>
  createRoot(root).render(
    <QueryClientProvider client={queries}>
      <RouterProvider router={router} />
    </QueryClientProvider>,
  ),
);
