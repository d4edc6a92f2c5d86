// What the main job prints, with the names that differ from run to run replaced where that is wanted.

const NAMES: readonly (readonly [name: string, pattern: string])[] = [
  ["LITERAL", "literal://json:[\\w%.~-]+"],
  ["JSON", "json://Qmz[1-9A-HJ-NP-Za-km-z]+"],
  ["LINK", "link:[0-9a-f]{32}"],
  ["SO", "so://Qmz[1-9A-HJ-NP-Za-km-z]+"],
  ["DID", "did:key:z6Mk[1-9A-HJ-NP-Za-km-z]+"],
  ["TIME", "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z"],
  ["SIGNATURE", "\\b[0-9a-f]{128}\\b"],
  ["HASH", "\\b[0-9a-f]{64}\\b"],
];

const ANY = new RegExp(NAMES.map(([name, pattern]) => `(?<${name}>${pattern})`).join("|"), "g");

/** Replaces keys, DIDs, URIs, URLs, times and hashes by DID1, SO1, … in the order in which they first appear. */
export class Normaliser {
  readonly #known = new Map<string, string>();
  readonly #counts = new Map<string, number>();

  normalise(text: string): string {
    return text.replace(ANY, (found, ...rest) => this.#known.get(found) ?? this.#name(found, rest.at(-1)));
  }

  #name(found: string, groups: Record<string, string | undefined>): string {
    const kind = Object.keys(groups).find((name) => groups[name] !== undefined) as string;
    const count = (this.#counts.get(kind) ?? 0) + 1;
    this.#counts.set(kind, count);
    this.#known.set(found, `${kind}${count}`);
    return `${kind}${count}`;
  }
}

export class Transcript {
  readonly #normaliser: Normaliser | null;
  #begun = false;

  constructor(normalised: boolean) {
    this.#normaliser = normalised ? new Normaliser() : null;
  }

  heading(text: string): void {
    this.line(`${this.#begun ? "\n" : ""}# ${text}`);
  }

  line(text: string): void {
    this.#begun = true;
    console.log(this.#normaliser === null ? text : this.#normaliser.normalise(text));
  }
}
