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
    if (changed) onUse(draft.trim());
  }

  function forget() {
    setDraft("");
    onUse("");
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
      {token && !changed ? (
        <button key="forget" type="button" onClick={forget}>
          Forget
        </button>
      ) : (
        <button key="use" type="submit" disabled={!changed}>
          Use
        </button>
      )}
    </form>
  );
}
