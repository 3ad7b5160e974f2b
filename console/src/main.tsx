import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { RouterProvider } from "react-aria-components";
import { BrowserRouter, type NavigateOptions, useHref, useNavigate } from "react-router";
import { ApiError } from "./api";
import { App } from "./app";
import "./style/base.css";
import "./style/shell.css";
import "./style/parts.css";

declare module "react-aria-components" {
  interface RouterConfig {
    routerOptions: NavigateOptions;
  }
}

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      // What the API has said no to, it says no to again.
      retry: (failures, error) => failures < 2 && !(error instanceof ApiError && error.status >= 400 && error.status < 500),
      refetchOnWindowFocus: true,
      staleTime: 1_000,
    },
  },
});

function Links() {
  const navigate = useNavigate();
  return <RouterProvider navigate={(to, options) => void navigate(to, options)} useHref={useHref}><App /></RouterProvider>;
}

createRoot(document.getElementById("console") as HTMLElement).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <BrowserRouter basename="/dashboard"><Links /></BrowserRouter>
    </QueryClientProvider>
  </StrictMode>,
);
