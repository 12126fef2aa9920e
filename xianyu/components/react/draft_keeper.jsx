// Reports what the form around it holds a moment after it changed, and at once when the page is left.
// Fields of our own controls change without an event of their own, so their values are watched.
import { useEffect, useRef } from "react";

const PAUSE = 900;

export function DraftKeeper({ onKeep }) {
  const place = useRef(null);
  const keep = useRef(onKeep);
  keep.current = onKeep;

  useEffect(() => {
    const form = place.current.closest("form");
    let timer = 0;
    const flush = () => {
      if (!timer) return;
      clearTimeout(timer);
      timer = 0;
      keep.current?.(Object.fromEntries([...new FormData(form)].filter(([, value]) => typeof value === "string")));
    };
    const change = () => {
      clearTimeout(timer);
      timer = setTimeout(flush, PAUSE);
    };
    // What is published is a draft no longer. If it is refused, the next change is kept again.
    const cancel = () => {
      clearTimeout(timer);
      timer = 0;
    };
    const onHide = () => document.visibilityState === "hidden" && flush();
    const watcher = new MutationObserver(change);
    form.querySelectorAll("input[type=hidden]").forEach((field) => watcher.observe(field, { attributeFilter: ["value"] }));
    form.addEventListener("input", change);
    form.addEventListener("submit", cancel);
    document.addEventListener("visibilitychange", onHide);
    return () => {
      watcher.disconnect();
      form.removeEventListener("input", change);
      form.removeEventListener("submit", cancel);
      document.removeEventListener("visibilitychange", onHide);
      flush();
    };
  }, []);

  return <span ref={place} hidden />;
}
