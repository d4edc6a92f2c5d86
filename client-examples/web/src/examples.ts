// The documents a new visitor finds open, one tab each, in the order of their file names.
import type { GraphiQLProps } from "graphiql";

type Tabs = NonNullable<GraphiQLProps["defaultTabs"]>;

const documents = import.meta.glob<string>("../../documents/*.graphql", {
  query: "?raw",
  import: "default",
  eager: true,
});
const variables = import.meta.glob<string>("../../documents/*.variables.json", {
  query: "?raw",
  import: "default",
  eager: true,
});

/** `NAME.graphql` opens with the variables of `NAME.variables.json`, when there is such a file. */
export const exampleTabs: Tabs = Object.keys(documents)
  .sort()
  .map((path) => ({
    query: documents[path] ?? "",
    variables: variables[path.replace(/\.graphql$/, ".variables.json")] ?? null,
  }));
