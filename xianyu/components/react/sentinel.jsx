// Reports when it scrolls into view, so that a list can ask for more before its end is reached.
import { useEffect, useRef } from "react";

export function Sentinel({ active, onReach }) {
  const element = useRef(null);
  const report = useRef(onReach);
  report.current = onReach;
  useEffect(() => {
    if (!active) return undefined;
    const observer = new IntersectionObserver(
      (entries) => entries.some((entry) => entry.isIntersecting) && report.current?.(),
      { rootMargin: "600px" },
    );
    observer.observe(element.current);
    return () => observer.disconnect();
  }, [active]);
  return <div ref={element} aria-hidden="true" style={{ height: 1 }} />;
}
