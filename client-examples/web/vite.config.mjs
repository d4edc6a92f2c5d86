import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

export default defineConfig({
  base: "./",
  plugins: [react()],
  worker: { format: "es" },
  build: {
    sourcemap: false,
    target: "es2022",
    // Monaco is one large piece whichever way it is cut.
    chunkSizeWarningLimit: 4000,
    // GraphiQL's packages carry React Compiler directives, which mean nothing once compiled.
    rolldownOptions: { checks: { moduleLevelDirective: false } },
  },
});
