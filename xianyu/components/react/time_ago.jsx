// A moment in the reader's own time zone, which only the browser knows. "ago" grows by itself.
import { useEffect, useState } from "react";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const two = (number) => String(number).padStart(2, "0");
const clock = (date) => `${two(date.getHours())}:${two(date.getMinutes())}`;
const day = (date) => `${date.getMonth() + 1}月${date.getDate()}日`;

function startOfDay(date) {
  return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
}

function dated(date, now) {
  return date.getFullYear() === now.getFullYear() ? day(date) : `${date.getFullYear()}年${day(date)}`;
}

export function wording(iso, mode, now = new Date()) {
  const date = new Date(iso);
  const age = now - date;
  const days = Math.round((startOfDay(now) - startOfDay(date)) / DAY);
  if (mode === "clock") {
    if (days === 0) return clock(date);
    return days === 1 ? `昨天 ${clock(date)}` : `${dated(date, now)} ${clock(date)}`;
  }
  if (mode === "date") return dated(date, now);
  if (age < MINUTE) return "刚刚";
  if (age < HOUR) return `${Math.floor(age / MINUTE)}分钟前`;
  if (age < DAY) return `${Math.floor(age / HOUR)}小时前`;
  return days < 30 ? `${days}天前` : dated(date, now);
}

export function TimeAgo({ at, mode = "ago" }) {
  const [text, setText] = useState("");
  useEffect(() => {
    if (!at) return undefined;
    const update = () => setText(wording(at, mode));
    update();
    const timer = setInterval(update, 30_000);
    return () => clearInterval(timer);
  }, [at, mode]);
  return (
    <time dateTime={at} title={at ? new Date(at).toLocaleString("zh-CN") : undefined} suppressHydrationWarning>
      {text}
    </time>
  );
}
