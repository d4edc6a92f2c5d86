// Predicts how an agent answers, from its published policy and its replay data: no server is asked.
import { sha256 } from "@noble/hashes/sha2.js";
import { utf8ToBytes } from "@noble/hashes/utils.js";

export type Side = "person" | "observer";
export type RelationshipName = "unknown" | "ally" | "neutral" | "rival" | "ignore";

/** `data` of `alliancePolicy`; null where the profile has no such rule. */
export interface AlliancePolicyData {
  readonly profile: string;
  readonly version: number;
  readonly unit: number;
  readonly weights: Readonly<Record<string, number>>;
  readonly violationWeights: readonly { readonly below: number | null; readonly weight: number }[];
  readonly unstatedSeverity: number;
  readonly historyDays: number;
  readonly fadingDays: number;
  readonly forgivenPerDay: number;
  readonly enter: number;
  readonly leave: number;
  readonly allyMinimum: number;
  readonly rivalMinimum: number;
  readonly ownActsCount: boolean;
  readonly dailyCap: number | null;
  readonly totalCap: number | null;
  readonly answerDays: number | null;
  readonly hostileKinds: Readonly<Record<Side, readonly string[]>>;
  readonly pauseHours: number | null;
  readonly forgiveOneIn: number | null;
  readonly rivalRestHours: number | null;
  readonly engagePercent: number;
  readonly drawDomain: string;
  readonly drawVersion: string;
  readonly reasons: Readonly<Record<string, { readonly engage: boolean; readonly words: string }>>;
  readonly strategies: Readonly<
    Record<RelationshipName, { readonly tone: string; readonly priority: string; readonly notes: string }>
  >;
}

/** What `allianceReplay` gives. */
export interface AllianceReplayData {
  readonly profile: string;
  readonly version: number;
  readonly history: {
    readonly observer: string;
    readonly subject: string;
    readonly salt: string;
    readonly marks: readonly { readonly at: string; readonly until?: string; readonly liftedAt?: string }[];
    readonly interactions: readonly ReplayRow[];
  };
}

interface ReplayRow {
  readonly id: string;
  readonly kind: string;
  readonly by: Side;
  readonly at: string;
  readonly context?: string;
  readonly severity?: number;
  readonly pardonedAt?: string;
}

export interface AllianceContext {
  readonly postId: string;
  readonly isRelevantTopic: boolean;
  readonly mentionsUs: boolean;
  readonly isNegative: boolean;
  readonly highVisibility: boolean;
}

export interface Prediction {
  readonly relationship: RelationshipName;
  readonly score: number;
  readonly engage: boolean;
  readonly reason: string;
  readonly drawn: number | null;
  readonly strategy: {
    readonly tone: string;
    readonly priority: string;
    readonly notes: string;
    readonly score: number;
    readonly interactionCount: number;
  };
  readonly validUntil: string | null;
}

interface Event {
  readonly id: string;
  readonly kind: string;
  readonly by: Side;
  readonly at: number;
  readonly context: string | undefined;
  readonly weight: number;
  readonly pardonedAt: number | undefined;
}

/** A class with its figures; `changes` are the times at which something may be different without anything new. */
interface Known {
  readonly name: RelationshipName;
  readonly score: number;
  readonly counted: number;
  readonly pauseEnds: number | undefined;
  readonly lastOwnAct: number | undefined;
  readonly changes: readonly number[];
}

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** The answer that the observer gives at that time, about a post with that context. */
export function predict(
  policy: AlliancePolicyData,
  replay: AllianceReplayData,
  context: AllianceContext,
  at: string,
): Prediction {
  if (policy.profile !== replay.profile || policy.version !== replay.version) {
    throw new TypeError("The replay data are made for another policy");
  }
  const now = Date.parse(at);
  const known = relationship(policy, replay, now);
  const restEnds =
    policy.rivalRestHours === null || known.lastOwnAct === undefined
      ? undefined
      : known.lastOwnAct + policy.rivalRestHours * HOUR;
  const drawn = Number(draw(policy, replay, "engage", context.postId) % 100n);
  const reason = reasonOf(policy, known, context, drawn, restEnds !== undefined && now < restEnds);
  const changes = [...known.changes, ...(restEnds === undefined ? [] : [restEnds])].filter((time) => time > now);
  return {
    relationship: known.name,
    score: known.score,
    engage: policy.reasons[reason]!.engage,
    reason,
    drawn: reason.startsWith("neutral_probabilistic") ? drawn : null,
    strategy: {
      ...policy.strategies[known.name],
      score: known.score / policy.unit,
      interactionCount: known.counted,
    },
    validUntil: changes.length === 0 ? null : new Date(Math.min(...changes)).toISOString(),
  };
}

/** The first 8 bytes of SHA-256 as an integer: more than a `number` can hold. */
export function draw(policy: AlliancePolicyData, replay: AllianceReplayData, purpose: string, about: string): bigint {
  const { salt, observer, subject } = replay.history;
  const hash = sha256.create();
  for (const text of [policy.drawDomain, policy.drawVersion, salt, purpose, observer, subject, about]) {
    const data = utf8ToBytes(text);
    const length = new Uint8Array(4);
    new DataView(length.buffer).setUint32(0, data.length);
    hash.update(length).update(data);
  }
  const digest = hash.digest();
  return new DataView(digest.buffer, digest.byteOffset).getBigUint64(0);
}

function reasonOf(
  policy: AlliancePolicyData,
  known: Known,
  context: AllianceContext,
  drawn: number,
  resting: boolean,
): string {
  switch (known.name) {
    case "ignore":
      return "ignore_list";
    case "unknown":
      return "unknown_user_start_cooperative";
    case "rival": {
      const attacked = context.mentionsUs && context.isNegative;
      if (!attacked && !context.highVisibility) return "rival_avoid";
      if (resting) return "rival_rate_limited";
      return attacked ? "rival_defensive_response" : "rival_high_visibility";
    }
  }
  if (known.pauseEnds !== undefined) return "provoked_pause";
  if (known.name === "ally") return "ally_prioritize";
  if (context.isRelevantTopic) return "neutral_relevant_topic";
  return drawn < policy.engagePercent ? "neutral_probabilistic_engage" : "neutral_probabilistic_skip";
}

function relationship(policy: AlliancePolicyData, replay: AllianceReplayData, now: number): Known {
  const events = eventsOf(policy, replay);
  const known = policy.ownActsCount ? plainSum(policy, events, now) : reciprocal(policy, replay, events, now);
  const marks = replay.history.marks.map((mark) => ({
    at: Date.parse(mark.at),
    ends: [mark.until, mark.liftedAt].flatMap((end) => (end === undefined ? [] : [Date.parse(end)])),
  }));
  const ignored = marks.some((mark) => mark.at <= now && mark.ends.every((end) => now < end));
  return {
    ...known,
    name: ignored ? "ignore" : known.name,
    changes: [...known.changes, ...marks.flatMap((mark) => [mark.at, ...mark.ends])],
  };
}

/** By time and id, each id once; what has no weight is no event of the alliance. */
function eventsOf(policy: AlliancePolicyData, replay: AllianceReplayData): readonly Event[] {
  const rows = replay.history.interactions.flatMap((row) => {
    const weight = weightOf(policy, row);
    const pardonedAt = row.pardonedAt === undefined ? undefined : Date.parse(row.pardonedAt);
    const { id, kind, by, context } = row;
    return weight === undefined ? [] : [{ id, kind, by, context, weight, pardonedAt, at: Date.parse(row.at) }];
  });
  rows.sort((one, other) => one.at - other.at || byCodePoints(one.id, other.id));
  const ids = new Set<string>();
  return rows.filter((event) => !ids.has(event.id) && ids.add(event.id));
}

function weightOf(policy: AlliancePolicyData, row: ReplayRow): number | undefined {
  if (row.kind !== "violation") return policy.weights[row.kind];
  const severity = row.severity ?? policy.unstatedSeverity;
  return policy.violationWeights.find((band) => band.below === null || severity < band.below)?.weight;
}

/** As the server orders texts; `<` would order UTF-16 units. */
function byCodePoints(one: string, other: string): number {
  const [left, right] = [Array.from(one), Array.from(other)];
  for (let place = 0; place < Math.min(left.length, right.length); place++) {
    const difference = left[place]!.codePointAt(0)! - right[place]!.codePointAt(0)!;
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

/** In parts of the policy's unit, by age in whole days. */
function contribution(policy: AlliancePolicyData, weight: number, days: number): number {
  if (days > policy.historyDays) return 0;
  const whole = policy.forgivenPerDay * weight;
  const left = weight < 0 ? Math.min(0, whole + days) : whole;
  return left * (2 * policy.fadingDays - Math.min(days, policy.fadingDays));
}

function age(at: number, now: number): number {
  return Math.max(0, Math.floor((now - at) / DAY));
}

/** Profile `seed`: whatever happened, added up. */
function plainSum(policy: AlliancePolicyData, events: readonly Event[], now: number): Known {
  const score = events.reduce((sum, event) => sum + contribution(policy, event.weight, age(event.at, now)), 0);
  const counted = events.length;
  let name: RelationshipName = counted === 0 ? "unknown" : "neutral";
  if (counted >= policy.allyMinimum && score >= policy.enter) name = "ally";
  else if (counted >= policy.rivalMinimum && -score >= policy.enter) name = "rival";
  const current = events.filter((event) => age(event.at, now) <= policy.historyDays);
  const changes = current.map((event) => event.at + (age(event.at, now) + 1) * DAY);
  return { name, score, counted, pauseEnds: undefined, lastOwnAct: undefined, changes };
}

/** Profile `standard`: only what the subject did is evidence, each act once, and answers count nothing. */
function reciprocal(policy: AlliancePolicyData, replay: AllianceReplayData, all: readonly Event[], now: number): Known {
  const events = withoutRepeats(all.filter((event) => event.at <= now));
  const received = weighed(policy, events, now);
  const recent = events.filter((event) => age(event.at, now) <= policy.historyDays);
  const own = recent.filter((event) => event.by === "observer");
  const counted = recent.length - own.length;
  const pauseEnds = pauseOf(policy, replay, received, now);
  let name: RelationshipName = recent.length === 0 ? "unknown" : "neutral";
  if (counted >= policy.rivalMinimum && stands(policy, received, now, -1)) name = "rival";
  else if (counted >= policy.allyMinimum && pauseEnds === undefined && stands(policy, received, now, 1)) name = "ally";
  const changes = [
    ...all.filter((event) => event.at > now).map((event) => event.at),
    ...all.flatMap((event) => (event.pardonedAt === undefined ? [] : [event.pardonedAt])),
    ...recent.map((event) => event.at + (age(event.at, now) + 1) * DAY),
    ...(recent.length === 0 ? [] : [(Math.floor(now / DAY) + 1) * DAY]),
    ...(pauseEnds === undefined ? [] : [pauseEnds]),
  ].filter((time) => time > now);
  return { name, score: scoreAt(policy, received, now), counted, pauseEnds, lastOwnAct: own.at(-1)?.at, changes };
}

function withoutRepeats(events: readonly Event[]): readonly Event[] {
  const seen = new Set<string>();
  return events.filter((event) => {
    if (!event.context) return true;
    const act = JSON.stringify([event.by, event.kind, event.context]);
    return !seen.has(act) && seen.add(act);
  });
}

/** What the subject did, with its weight now: none where it was a justified answer, or is pardoned. */
function weighed(policy: AlliancePolicyData, events: readonly Event[], now: number): readonly Event[] {
  const answers = justified(policy, events);
  return events
    .filter((event) => event.by === "person")
    .map((event) => {
      const pardoned = event.pardonedAt !== undefined && event.pardonedAt <= now;
      return answers.has(event.id) || pardoned ? { ...event, weight: 0 } : event;
    });
}

/** Whoever started bears one answer: an act answers the oldest open one of the other side. */
function justified(policy: AlliancePolicyData, events: readonly Event[]): ReadonlySet<string> {
  const open: Record<Side, number[]> = { person: [], observer: [] };
  const answers = new Set<string>();
  for (const event of events.filter(({ by, kind }) => policy.hostileKinds[by].includes(kind))) {
    const other: Side = event.by === "person" ? "observer" : "person";
    open[other] = open[other].filter((at) => event.at - at <= (policy.answerDays ?? 0) * DAY);
    if (open[other].shift() === undefined) open[event.by].push(event.at);
    else answers.add(event.id);
  }
  return answers;
}

function scoreAt(policy: AlliancePolicyData, received: readonly Event[], moment: number): number {
  const earned = new Map<number, number>();
  let negative = 0;
  for (const event of received) {
    if (event.at > moment) break;
    const worth = contribution(policy, event.weight, Math.floor((moment - event.at) / DAY));
    const date = Math.floor(event.at / DAY);
    if (worth > 0) earned.set(date, (earned.get(date) ?? 0) + worth);
    else negative += worth;
  }
  let positive = 0;
  for (const worth of earned.values()) positive += Math.min(policy.dailyCap ?? worth, worth);
  return Math.min(policy.totalCap ?? positive, positive) + negative;
}

/** The newest score that is not between leaving and entering decides. */
function stands(policy: AlliancePolicyData, received: readonly Event[], now: number, side: 1 | -1): boolean {
  const since = now - policy.historyDays * DAY;
  const moments = new Set(received.map((event) => event.at).filter((at) => at > since));
  for (let midnight = Math.floor(now / DAY) * DAY; midnight > since; midnight -= DAY) moments.add(midnight);
  moments.add(now);
  for (const moment of [...moments].sort((one, other) => other - one)) {
    const score = side * scoreAt(policy, received, moment);
    if (score >= policy.enter) return true;
    if (score < policy.leave) return false;
  }
  return false;
}

/** Until when we pause for the newest unprovoked hostile act that is not forgiven by the draw on its id. */
function pauseOf(
  policy: AlliancePolicyData,
  replay: AllianceReplayData,
  received: readonly Event[],
  now: number,
): number | undefined {
  const pause = (policy.pauseHours ?? 0) * HOUR;
  const oneIn = BigInt(policy.forgiveOneIn ?? 0);
  const ends = received
    .filter((event) => event.weight < 0 && event.at > now - pause)
    .filter((event) => oneIn === 0n || draw(policy, replay, "forgive", event.id) % oneIn !== 0n)
    .map((event) => event.at + pause);
  return ends.length === 0 ? undefined : Math.max(...ends);
}
