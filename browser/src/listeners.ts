/** Who wants to know of an event, by its name. */

export type Listener = (event: never) => void;

export class Listeners {
  private readonly known = new Map<string, Set<Listener>>();

  has(name: string): boolean {
    return (this.known.get(name)?.size ?? 0) > 0;
  }

  on(name: string, listener: Listener): void {
    const heard = this.known.get(name) ?? new Set();
    this.known.set(name, heard.add(listener));
  }

  once(name: string, listener: Listener): void {
    const first = (event: never): void => {
      this.off(name, first);
      listener(event);
    };
    this.on(name, first);
  }

  off(name: string, listener?: Listener): void {
    if (listener) this.known.get(name)?.delete(listener);
    else this.known.delete(name);
  }

  emit(name: string, event: object): void {
    for (const listener of [...(this.known.get(name) ?? [])]) listener(event as never);
  }

  clear(): void {
    this.known.clear();
  }
}
