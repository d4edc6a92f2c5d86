// Events of a callback, to be awaited one after another.

export class Inbox<Event> {
  readonly #waiting: Event[] = [];
  readonly #takers: ((event: Event) => void)[] = [];

  /** How many events nobody has taken yet. */
  get size(): number {
    return this.#waiting.length;
  }

  /** Give this as the callback. */
  readonly put = (event: Event): void => {
    const taker = this.#takers.shift();
    if (taker === undefined) this.#waiting.push(event);
    else taker(event);
  };

  /** The next event, once it is there. */
  take(): Promise<Event> {
    const event = this.#waiting.shift();
    return event === undefined ? new Promise((resolve) => this.#takers.push(resolve)) : Promise.resolve(event);
  }

  /** Takes events until one is as wanted, and gives that one. */
  async takeUntil(wanted: (event: Event) => boolean): Promise<Event> {
    for (;;) {
      const event = await this.take();
      if (wanted(event)) return event;
    }
  }
}
