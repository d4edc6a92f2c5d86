import { type FormEvent, useState } from "react";

interface Props {
  token: string;
  onUse(token: string): void;
}

/** Where a person pastes the capability token of the agent to act as. */
export function TokenField({ token, onUse }: Props) {
  const [draft, setDraft] = useState(token);
  const changed = draft.trim() !== token;

  function submit(event: FormEvent) {
    event.preventDefault();
    const next = changed ? draft.trim() : "";
    setDraft(next);
    onUse(next);
  }

  return (
    <form className="chorus-token" onSubmit={submit}>
      <label htmlFor="token">Token</label>
      <input
        id="token"
        type="password"
        autoComplete="off"
        spellCheck={false}
        placeholder="Paste one to act as an agent"
        value={draft}
        onChange={(event) => setDraft(event.target.value)}
      />
      <button type="submit" disabled={!changed && !token}>
        {changed || !token ? "Use" : "Forget"}
      </button>
    </form>
  );
}
