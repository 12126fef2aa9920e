// The heading above the first entry of a day. Which day it is only the browser knows: the server has
// no idea of the reader's time zone. Before the page runs there is none, so the server's HTML agrees.
import { useEffect, useState } from "react";
import { wording } from "./time_ago.jsx";

const DAY = 86_400_000; // milliseconds

function name(iso) {
  const now = new Date();
  const same = (days) => new Date(now - days * DAY).toDateString() === new Date(iso).toDateString();
  if (same(0)) return "今天";
  return same(1) ? "昨天" : wording(iso, "date", now);
}

export function DayBreak({ at, previous }) {
  const [text, setText] = useState("");
  useEffect(() => {
    const goesOn = previous && new Date(previous).toDateString() === new Date(at).toDateString();
    setText(!at || goesOn ? "" : name(at));
  }, [at, previous]);
  return text ? <h2 className="x-day">{text}</h2> : null;
}
