// Whether the other is there: writing, online, or when they were last. That somebody writes is over by
// itself some seconds after the last sign of it.
import { useEffect, useRef, useState } from "react";

import { wording } from "./time_ago.jsx";

const TYPING_FOR = 5_000; // milliseconds

export function PresenceLine({ typing, shown, online, lastSeen }) {
  const known = useRef(typing);
  const [writes, setWrites] = useState(false);
  const [, tick] = useState(0);

  useEffect(() => {
    const isSign = typing > 0 && typing !== known.current;
    known.current = typing;
    setWrites(isSign);
    if (!isSign) return undefined;
    const timer = setTimeout(() => setWrites(false), TYPING_FOR);
    return () => clearTimeout(timer);
  }, [typing]);

  useEffect(() => {
    const timer = setInterval(() => tick((count) => count + 1), 30_000);
    return () => clearInterval(timer);
  }, []);

  if (!shown) return null;
  if (writes) return <span className="x-presence">正在输入…</span>;
  if (online) return <span className="x-presence x-online">在线</span>;
  return lastSeen ? <span className="x-presence">{wording(lastSeen, "ago")}在线</span> : null;
}
