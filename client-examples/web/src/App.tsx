import { GraphiQL } from "graphiql";
import { useMemo, useState } from "react";
import { exampleTabs } from "./examples";
import { createFetcher } from "./fetcher";
import { Session } from "./session";
import { TokenField } from "./TokenField";

export function App() {
  const [session] = useState(() => new Session());
  const [token, setToken] = useState(session.token);
  // A new fetcher makes GraphiQL read the schema again, as the new agent.
  const fetcher = useMemo(() => createFetcher(session), [session, token]);

  function use(next: string) {
    session.use(next);
    setToken(next);
  }

  return (
    <>
      <header className="graphiql-container chorus-header">
        <h1>Chorus</h1>
        <p>Groups that speak with one voice</p>
        <TokenField token={token} onUse={use} />
      </header>
      <GraphiQL
        fetcher={fetcher}
        defaultTabs={exampleTabs}
        defaultEditorToolsVisibility="variables"
        isHeadersEditorEnabled={false}
        showPersistHeadersSettings={false}
        inputValueDeprecation
        schemaDescription
      >
        <GraphiQL.Logo>{null}</GraphiQL.Logo>
      </GraphiQL>
    </>
  );
}
