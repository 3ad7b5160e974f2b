import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

/** Built into what the API serves. Nothing is inlined: the page's policy runs files of its own origin, and no other code. */
export default defineConfig({
  base: "/dashboard/",
  plugins: [react()],
  build: {
    outDir: "../api/browser/console",
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: "es2022",
    chunkSizeWarningLimit: 900,
  },
  server: { proxy: { "/v1": "http://127.0.0.1:8000", "/dashboard/v1": "http://127.0.0.1:8000", "/dashboard/facts.json": "http://127.0.0.1:8000" } },
});
