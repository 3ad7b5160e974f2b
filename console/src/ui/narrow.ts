import { useSyncExternalStore } from "react";

const NARROW = matchMedia("(max-width: 44rem)");

function subscribe(changed: () => void): () => void {
  NARROW.addEventListener("change", changed);
  return () => NARROW.removeEventListener("change", changed);
}

/** Whether it is a telephone's width. */
export const useNarrow = (): boolean => useSyncExternalStore(subscribe, () => NARROW.matches);
