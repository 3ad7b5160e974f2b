/** A card in three frames: the number's frame asks the others for their part. All are the API's, on one merchant's page. */

import type { ValidationError } from "../errors";
import { unguessable, type Form } from "../protocol";

export interface Part {
  card: Form;
  error?: ValidationError;
}

type Said = { ask: string } | { answer: string; part: Part };

const WAIT_MS = 150;

export class Siblings {
  private readonly channel: BroadcastChannel;
  private heard: Part[] = [];
  private asking = "";

  constructor(group: string, private readonly mine: () => Part) {
    this.channel = new BroadcastChannel(`perdure-${group}`);
    this.channel.onmessage = (message: MessageEvent<Said>) => this.hear(message.data);
  }

  private hear(said: Said): void {
    if ("ask" in said) this.channel.postMessage({ answer: said.ask, part: this.mine() } satisfies Said);
    else if (said.answer === this.asking) this.heard.push(said.part);
  }

  /** What the others hold, as soon as both have answered, or have had the time to. */
  async parts(): Promise<Part[]> {
    this.heard = [];
    this.asking = unguessable();
    this.channel.postMessage({ ask: this.asking } satisfies Said);
    const until = performance.now() + WAIT_MS;
    while (this.heard.length < 2 && performance.now() < until) await new Promise((tick) => setTimeout(tick, 5));
    return this.heard;
  }
}
