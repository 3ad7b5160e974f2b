/** What came of each act. It stays until its reader takes it away: nobody has to be quick to read it. */

import { X } from "lucide-react";
import { Button } from "react-aria-components";
import { useSyncExternalStore } from "react";

interface Result {
  id: number;
  about: string;
  text: string;
  failed: boolean;
}

let results: Result[] = [];
let count = 0;
const listeners = new Set<() => void>();

function changed(next: Result[]): void {
  results = next;
  listeners.forEach((listener) => listener());
}

/** Say it beside whatever it is `about` (an id), also when its reader comes back there. */
export function tell(about: string, text: string, failed = false): void {
  changed([...results, { id: ++count, about, text, failed }]);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function Results({ about }: { about: string }) {
  const all = useSyncExternalStore(subscribe, () => results);
  const mine = all.filter((result) => result.about === about);
  return (
    <div role="status" className="results">
      {mine.map((result) => (
        <p key={result.id} className={result.failed ? "result failed" : "result"}>
          <span>{result.text}</span>
          <Button className="icon" aria-label="Dismiss" onPress={() => changed(results.filter((one) => one.id !== result.id))}><X size={14} aria-hidden /></Button>
        </p>
      ))}
    </div>
  );
}
