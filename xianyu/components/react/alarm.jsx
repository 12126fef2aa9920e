// Reports that a moment has come while the page is open: what ends at it looks different from then on.
import { useEffect, useRef } from "react";

// The server decides, and its clock may be a little behind.
const LATER = 2_000;
// The longest wait that a timer takes, 24 days.
const LONGEST = 2 ** 31 - 1;

export function Alarm({ at, onRing }) {
  const ring = useRef(onRing);
  ring.current = onRing;
  useEffect(() => {
    const wait = new Date(at) - Date.now() + LATER;
    if (!(wait > LATER && wait < LONGEST)) return undefined;
    const timer = setTimeout(() => ring.current?.(), wait);
    return () => clearTimeout(timer);
  }, [at]);
  return null;
}
