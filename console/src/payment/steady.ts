/** A list that is asked for again and again, and never moves under somebody's hand.
 *
 * While the pointer or the keyboard is in it, rows stay where they are; what changes in them is shown. What has come
 * since waits until it is asked for, or until nobody is there.
 */

import { useEffect, useMemo, useRef, useState } from "react";
import type { Json } from "../api";

export interface Steady {
  rows: Json[];
  waiting: number;
  show: () => void;
  /** For the element around the list. */
  held: { onPointerEnter: () => void; onPointerLeave: () => void; onFocus: () => void; onBlur: (event: React.FocusEvent) => void };
}

export function useSteady(latest: Json[] | undefined, view: string): Steady {
  const [isHeld, setHeld] = useState(false);
  const [shown, setShown] = useState<Json[]>([]);
  const lastView = useRef(view);
  const hands = useRef({ pointer: false, keyboard: false });

  useEffect(() => {
    if (!latest) return;
    // Another view is another list.
    if (!isHeld || lastView.current !== view) setShown(latest);
    lastView.current = view;
  }, [latest, isHeld, view]);

  const rows = useMemo(() => {
    const fresh = new Map((latest ?? []).map((row) => [row.id as string, row]));
    return shown.map((row) => fresh.get(row.id as string) ?? row);
  }, [shown, latest]);
  const known = new Set(shown.map((row) => row.id as string));
  const waiting = (latest ?? []).filter((row) => !known.has(row.id as string)).length;

  const hand = (which: "pointer" | "keyboard", there: boolean) => {
    hands.current[which] = there;
    setHeld(hands.current.pointer || hands.current.keyboard);
  };
  return {
    rows,
    waiting: isHeld ? waiting : 0,
    show: () => setShown(latest ?? []),
    held: {
      onPointerEnter: () => hand("pointer", true),
      onPointerLeave: () => hand("pointer", false),
      onFocus: () => hand("keyboard", true),
      onBlur: (event) => !event.currentTarget.contains(event.relatedTarget as Node | null) && hand("keyboard", false),
    },
  };
}
