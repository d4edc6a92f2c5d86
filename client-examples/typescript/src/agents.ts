// Getting a token: for an agent whose key the server keeps, or for one that keeps its own.
import * as documents from "./generated.js";
import type { Identity } from "./identity.js";
import type { Transport } from "./transport.js";

/** Makes a further agent whose key the server keeps under a passphrase. Needs the capability agent CREATE. */
export async function createHosted(
  transport: Transport,
  name: string,
  passphrase: string,
): Promise<{ did: string; token: string }> {
  const { agentCreateHosted } = await transport.request(documents.AgentCreateHostedDocument, { name, passphrase });
  return { did: agentCreateHosted.did, token: agentCreateHosted.token };
}

/** Proves to the server that this program holds the key, and gives the token it answers with. */
export async function signIn(transport: Transport, identity: Identity): Promise<string> {
  const { agentChallenge } = await transport.request(documents.AgentChallengeDocument, { did: identity.did });
  if (agentChallenge.did !== identity.did) throw new Error("The server's challenge is for another agent");
  const answer = { did: identity.did, nonce: agentChallenge.nonce, signature: identity.answer(agentChallenge) };
  return (await transport.request(documents.AgentSignInDocument, answer)).agentSignIn;
}
