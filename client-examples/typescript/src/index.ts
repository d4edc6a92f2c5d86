export {
  predict,
  type AllianceContext,
  type AlliancePolicyData,
  type AllianceReplayData,
  type Prediction,
} from "./alliance-replay.js";
export { apolloOver, withSocialOrganisms } from "./ad4m.js";
export { createHosted, signIn } from "./agents.js";
export { canonicalJson, sha256Hex, type Json } from "./canonical.js";
export * from "./expressions.js";
export { didOf, Identity, publicKeyOf, verify, type Challenge } from "./identity.js";
export * from "./so.js";
export {
  isVerdictOn,
  organismUri,
  readStatement,
  rosterRoot,
  signStatement,
  statementId,
  type Signature,
  type SignedStatement,
  type Spoken,
  type Statement,
} from "./statements.js";
export { ChorusError, connect, overApollo, overSocket, type Transport } from "./transport.js";
export type { Watch, WatchOptions } from "./watch.js";
