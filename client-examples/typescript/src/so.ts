// The `so` section: social organisms as AD4M issue #232 writes them, `so.create`, `so.speak`, `so.members` and on.
//
// An agent whose key the server keeps just calls. An agent that keeps its own key hands its Identity in, and every
// call that acts is signed here first.
import { canonicalJson, sha256Hex, type Json } from "./canonical.js";
import { contentOf, isSigned, linkData, signExpression, urlOf, type Expression, type LinkLike } from "./expressions.js";
import * as documents from "./generated.js";
import type * as types from "./generated.js";
import type { Identity } from "./identity.js";
import { rosterRoot, signStatement, type SignedStatement, type Statement } from "./statements.js";
import { ChorusError, type Transport } from "./transport.js";
import { watch, type Watch, type WatchOptions } from "./watch.js";

export type SocialOrganism = types.OrganismFieldsFragment;
export type SoExpression = types.ExpressionFieldsFragment;
export type RenderedExpression = NonNullable<types.ExpressionQuery["expression"]>;
export type SoCoherence = types.CoherenceFieldsFragment;
export type SoSignature = types.SignatureFieldsFragment;
export type SoProposal = types.ProposalFieldsFragment;
export type SoPending = types.SoPendingQuery["soPending"];
export type SoMemberEvent = types.MemberEventFieldsFragment;
export type SoExpressionEvent = types.SoNewExpressionSubscription["soNewExpression"];
export type SoProposalEvent = types.SoProposalChangedSubscription["soProposalChanged"];
export type SoCoherenceEvent = types.SoCoherenceChangedSubscription["soCoherenceChanged"];
export type SoEvent = types.SoEventsSubscription["soEvents"];
export type SocialOrganismInput = types.SocialOrganismInput;

/** What a hosted agent sends beside its arguments, or what one that keeps its key does. */
interface Warrant {
  readonly signed?: SignedStatement;
  readonly idempotencyKey?: string;
}

type Fields = Omit<Statement, "timestamp">;

const ATTEMPTS = 5;
/** The organism moved on between reading it and signing: read again, sign again. */
const MOVED = new Set(["EPOCH_MOVED", "ROSTER_MISMATCH", "DNA_MISMATCH"]);

export class SocialOrganisms {
  readonly #transport: Transport;
  readonly #identity: Identity | null;
  #latest = 0;

  constructor(transport: Transport, identity: Identity | null = null) {
    this.#transport = transport;
    this.#identity = identity;
  }

  /** Founds an organism with you as its first member, and gives its URI. `members` are invited. */
  async create(socialOrganism: SocialOrganismInput): Promise<string> {
    const { soCreate } = await this.#act(
      async () => founding(socialOrganism),
      (warrant) => this.#transport.request(documents.SoCreateDocument, { socialOrganism, ...warrant }),
    );
    return soCreate;
  }

  /** Says something in the organism's name: a Link in `link`, any JSON in `literal` or `json`. Gives its URL. */
  async speak(soURI: string, content: LinkLike | Json, languageAddress: string): Promise<string> {
    const data = languageAddress === "link" ? linkData(content as LinkLike) : (content as Json);
    const said = this.#identity === null ? data : signExpression(this.#identity, data, this.#now());
    const { soSpeak } = await this.#act(
      () => this.#speaking(soURI, said as Expression, languageAddress),
      (warrant) =>
        this.#transport.request(documents.SoSpeakDocument, {
          soURI,
          content: JSON.stringify(said),
          languageAddress,
          ...warrant,
        }),
    );
    return soSpeak.url;
  }

  /** Signs that the organism rightly said this. */
  async concur(soURI: string, url: string): Promise<SoExpression> {
    const { soConcur } = await this.#act(
      () => this.#verdict(soURI, url, { verdict: "concur" }),
      (warrant) => this.#transport.request(documents.SoConcurDocument, { soURI, url, ...warrant }),
    );
    return soConcur;
  }

  /** Signs that the organism should not have said this. */
  async reject(soURI: string, url: string, reason?: string): Promise<SoExpression> {
    const { soReject } = await this.#act(
      () => this.#verdict(soURI, url, { verdict: "reject", ...given({ reason }) }),
      (warrant) => this.#transport.request(documents.SoRejectDocument, { soURI, url, reason, ...warrant }),
    );
    return soReject;
  }

  /** Proposes a member; where that is proposed already, vouches for it. */
  async suggestMemberAddition(soURI: string, did: string, note?: string): Promise<SoProposal> {
    const { soSuggestMemberAddition } = await this.#act(
      () => this.#proposing(soURI, { change: "add", subject: did, ...given({ note }) }),
      (warrant) =>
        this.#transport.request(documents.SoSuggestMemberAdditionDocument, { soURI, did, note, ...warrant }),
    );
    return soSuggestMemberAddition;
  }

  /** Proposes to remove a member; where that is proposed already, vouches for it. */
  async suggestMemberRemoval(soURI: string, did: string, note?: string): Promise<SoProposal> {
    const { soSuggestMemberRemoval } = await this.#act(
      () => this.#proposing(soURI, { change: "remove", subject: did, ...given({ note }) }),
      (warrant) =>
        this.#transport.request(documents.SoSuggestMemberRemovalDocument, { soURI, did, note, ...warrant }),
    );
    return soSuggestMemberRemoval;
  }

  async vouchForNewMember(soURI: string, did: string): Promise<SoProposal> {
    const { soVouchForNewMember } = await this.#act(
      () => this.#voting("vouch", soURI, did),
      (warrant) => this.#transport.request(documents.SoVouchForNewMemberDocument, { soURI, did, ...warrant }),
    );
    return soVouchForNewMember;
  }

  async rejectNewMember(soURI: string, did: string, reason?: string): Promise<SoProposal> {
    const { soRejectNewMember } = await this.#act(
      () => this.#voting("decline", soURI, did, reason),
      (warrant) => this.#transport.request(documents.SoRejectNewMemberDocument, { soURI, did, reason, ...warrant }),
    );
    return soRejectNewMember;
  }

  /** Accepts an invitation or an approved proposal, or asks to be let in. */
  async join(soURI: string): Promise<SocialOrganism> {
    const { soJoin } = await this.#act(
      async () => ({ type: "join", organism: soURI, epoch: (await this.#standing(soURI)).epoch }),
      (warrant) => this.#transport.request(documents.SoJoinDocument, { soURI, ...warrant }),
    );
    return soJoin;
  }

  /** Leaves at once; nobody can prevent it. */
  async leave(soURI: string): Promise<SocialOrganism> {
    const { soLeave } = await this.#act(
      async () => ({ type: "leave", organism: soURI, epoch: (await this.#standing(soURI)).epoch }),
      (warrant) => this.#transport.request(documents.SoLeaveDocument, { soURI, ...warrant }),
    );
    return soLeave;
  }

  /** One organism; null where there is none. */
  async get(uri: string): Promise<SocialOrganism | null> {
    return (await this.#transport.request(documents.SoDocument, { uri })).so ?? null;
  }

  /** The DIDs of all members. */
  async members(soURI: string): Promise<string[]> {
    return (await this.#transport.request(documents.SoMembersDocument, { soURI })).soMembers;
  }

  /** The DIDs of all who were members in that epoch. */
  async roster(soURI: string, epoch: number): Promise<string[]> {
    const dids: string[] = [];
    let after: string | null = null;
    do {
      const page: types.SoRosterQuery = await this.#transport.request(documents.SoRosterDocument, { soURI, epoch, after });
      dids.push(...page.soMemberPage.edges.map(({ node }) => node.did));
      after = page.soMemberPage.pageInfo.hasNextPage ? (page.soMemberPage.pageInfo.endCursor ?? null) : null;
    } while (after !== null);
    return dids;
  }

  /** Something the organism said; null where it never did. */
  async expression(soURI: string, url: string): Promise<SoExpression | null> {
    return (await this.#transport.request(documents.SoExpressionDocument, { soURI, url })).soExpression ?? null;
  }

  /** Any expression by its URL, as ad4m serves it, with the organism it was spoken for and how coherent it is. */
  async find(url: string): Promise<RenderedExpression | null> {
    return (await this.#transport.request(documents.ExpressionDocument, { url })).expression ?? null;
  }

  /** Both coherence numbers with their counts. */
  async coherence(soURI: string, url: string): Promise<SoCoherence> {
    return (await this.#transport.request(documents.SoCoherenceDocument, { soURI, url })).soCoherence;
  }

  /** The live verdicts, each with the statement that proves it (`isVerdictOn` checks one). */
  async signatures(soURI: string, url: string): Promise<SoSignature[]> {
    return (await this.#transport.request(documents.SoSignaturesDocument, { soURI, url })).soSignatures;
  }

  /** What still needs your verdict, vote or join, over all your organisms: the oldest `first` (100) of each. */
  async pending(first?: number): Promise<SoPending> {
    return (await this.#transport.request(documents.SoPendingDocument, { first })).soPending;
  }

  /** Calls back for everything said in the organism's name, or without `soURI` in the name of any of yours. */
  onNewExpression(callback: (event: SoExpressionEvent) => void, options: WatchOptions = {}): Watch {
    return watch(this.#transport, documents.SoNewExpressionDocument, (data) => data.soNewExpression, callback, options);
  }

  onNewMember(callback: (event: SoMemberEvent) => void, options: WatchOptions = {}): Watch {
    return watch(this.#transport, documents.SoNewMemberDocument, (data) => data.soNewMember, callback, options);
  }

  onMemberRemoved(callback: (event: SoMemberEvent) => void, options: WatchOptions = {}): Watch {
    return watch(this.#transport, documents.SoMemberRemovedDocument, (data) => data.soMemberRemoved, callback, options);
  }

  onProposalChanged(callback: (event: SoProposalEvent) => void, options: WatchOptions = {}): Watch {
    return watch(this.#transport, documents.SoProposalChangedDocument, (data) => data.soProposalChanged, callback, options);
  }

  /** Calls back whenever a verdict or a change of the roster moves coherence; of one expression with `url`. */
  onCoherenceChanged(
    callback: (event: SoCoherenceEvent) => void,
    options: WatchOptions & { readonly url?: string } = {},
  ): Watch {
    return watch(
      this.#transport,
      documents.SoCoherenceChangedDocument,
      (data) => data.soCoherenceChanged,
      callback,
      options,
    );
  }

  /** Calls back for every entry of the log, in its order. */
  onEvent(callback: (event: SoEvent) => void, options: WatchOptions = {}): Watch {
    return watch(this.#transport, documents.SoEventsDocument, (data) => data.soEvents, callback, options);
  }

  /** A hosted agent's request gets a key, so that one sent twice is done once; an agent's own statement is its own key. */
  async #act<T>(fields: () => Promise<Fields>, send: (warrant: Warrant) => Promise<T>): Promise<T> {
    if (this.#identity === null) return send({ idempotencyKey: crypto.randomUUID() });
    for (let attempt = 1; ; attempt += 1) {
      const statement = { ...(await fields()), timestamp: this.#now() } as Statement;
      try {
        return await send({ signed: signStatement(this.#identity, statement) });
      } catch (error) {
        if (attempt === ATTEMPTS || !(error instanceof ChorusError) || !MOVED.has(error.code)) throw error;
      }
    }
  }

  /** Now, but later than before: a statement replaces an earlier one only if it is strictly later. */
  #now(): string {
    this.#latest = Math.max(Date.now(), this.#latest + 1);
    return new Date(this.#latest).toISOString();
  }

  async #standing(soURI: string): Promise<{ epoch: number; dna: string; roster: string }> {
    const { so, soMembers } = await this.#transport.request(documents.SoStandingDocument, { soURI });
    if (!so) throw new ChorusError(`No organism has the URI ${soURI}`, "UNKNOWN_ORGANISM", { soURI });
    return { epoch: so.epoch, dna: so.dnaHash, roster: rosterRoot(soMembers) };
  }

  async #speaking(soURI: string, expression: Expression, languageAddress: string): Promise<Fields> {
    const standing = await this.#standing(soURI);
    const url = urlOf(languageAddress, expression);
    return { type: "speak", organism: soURI, expression: url, content: contentOf(expression), ...standing };
  }

  async #proposing(soURI: string, fields: Record<string, Json>): Promise<Fields> {
    return { type: "propose", organism: soURI, epoch: (await this.#standing(soURI)).epoch, ...fields };
  }

  /** Signs only what it has seen: the content is computed from the expression itself, whose proof must hold. */
  async #verdict(soURI: string, url: string, fields: Record<string, Json>): Promise<Fields> {
    const spoken = await this.expression(soURI, url);
    if (spoken === null) throw new ChorusError(`The organism never spoke ${url}`, "UNKNOWN_EXPRESSION", { soURI, url });
    const expression = readExpression(spoken);
    if (!isSigned(expression)) throw new Error(`The proof of ${url} does not hold`);
    return {
      type: "verdict",
      organism: soURI,
      expression: url,
      content: contentOf(expression),
      epoch: spoken.epoch,
      dna: spoken.dnaHash,
      ...fields,
    };
  }

  async #voting(type: "vouch" | "decline", soURI: string, did: string, reason?: string): Promise<Fields> {
    const { soProposals } = await this.#transport.request(documents.SoOpenProposalsDocument, { soURI });
    const proposal = soProposals.edges.find(({ node }) => node.change === "ADD" && node.subject === did)?.node;
    if (proposal === undefined) {
      throw new ChorusError(`Nobody proposes ${did}`, "UNKNOWN_PROPOSAL", { soURI, did });
    }
    return { type, organism: soURI, proposal: proposal.id, ...given({ reason }) };
  }
}

/** The signed expression in what a server shows of it. Throws where its content was erased. */
export function readExpression({ url, expression }: Pick<SoExpression, "url" | "expression">): Expression {
  if (!expression) throw new Error(`The content of ${url} was erased`);
  const { author, timestamp, data, proof } = expression;
  return { author, timestamp, data: JSON.parse(data) as Json, proof: { key: proof.key, signature: proof.signature } };
}

function founding(organism: SocialOrganismInput): Fields {
  const { name, description, members, dna, meta, nucleusNeighbourhood, outputsNeighbourhood, inputsDMLanguage } = organism;
  if (typeof dna !== "string") throw new TypeError("Who signs the founding signs its DNA: give the program in `dna`");
  const addresses = { nucleusNeighbourhood, outputsNeighbourhood, inputsDMLanguage };
  return {
    type: "found",
    organism: "",
    name,
    invited: [...(members ?? [])],
    dna: sha256Hex(dna),
    nonce: sha256Hex(crypto.getRandomValues(new Uint8Array(32))).slice(0, 32),
    ...given({ description, meta: meta as Json | undefined, ...addresses }),
  };
}

/** The members that are there: a statement names no field that has nothing to say. */
function given(fields: Record<string, Json | undefined>): Record<string, Json> {
  const kept = Object.entries(fields).filter(([, value]) => value !== undefined && value !== null);
  return JSON.parse(canonicalJson(Object.fromEntries(kept) as Json)) as Record<string, Json>;
}
