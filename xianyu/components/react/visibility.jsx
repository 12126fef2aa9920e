// Tells whether somebody has the page before their eyes: what arrives in a tab at the back is not seen.
import { useEffect, useRef } from "react";

// The server knows it of a page that it has loaded only once it was told, so each load (`epoch`) tells anew.
function useTelling(epoch, onChange) {
  const report = useRef(onChange);
  report.current = onChange;
  useEffect(() => {
    const tell = () => report.current?.(document.visibilityState === "visible");
    tell();
    document.addEventListener("visibilitychange", tell);
    return () => document.removeEventListener("visibilitychange", tell);
  }, [epoch]);
  return report;
}

export function useVisibility(epoch, onChange) {
  const report = useTelling(epoch, onChange);
  // Whoever leaves the page no longer looks at it, though the next one is still on its way.
  useEffect(() => () => report.current?.(false), []);
}

export function Visibility({ epoch, onChange }) {
  useVisibility(epoch, onChange);
  return null;
}

// Of the tab, whichever page it shows: at the end of a page nothing is told, since the next one is at hand.
export function TabFront({ epoch, onChange }) {
  useTelling(epoch, onChange);
  return null;
}
