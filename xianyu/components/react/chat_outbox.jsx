// What was sent and is not known to be stored. It lives in the browser's storage, so it survives a
// reload, a lost network and a killed server; each message carries an id made here, and the server
// takes the same id only once. An item is {id, text, kind, ref, preview, at, failed, held, final}: one that
// is held waits for the store of the messages to come back and is then sent again by itself, and with one
// that is final there is nothing to do here: an operator decides about it, or has decided.
import { useCallback, useEffect, useState } from "react";

const GIVE_UP_AFTER = 10_000; // milliseconds until an unanswered message counts as not delivered

export const read = (key, otherwise) => {
  try {
    return JSON.parse(localStorage.getItem(key)) ?? otherwise;
  } catch {
    return otherwise;
  }
};

export const write = (key, value) => {
  try {
    if (value && value.length) localStorage.setItem(key, JSON.stringify(value));
    else localStorage.removeItem(key);
  } catch {
    // Storage may be full or forbidden; the message is still on its way.
  }
};

// crypto.randomUUID exists on https only, and a compound may well run without.
export const newId = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");

export function useOutbox({ me, peer, stored, refusal, unavailable, epoch, onSend, onCheck }) {
  const key = `xianyu:outbox:${me}:${peer}`;
  const [items, setItems] = useState([]);
  const change = useCallback(
    (edit) => {
      const next = edit(read(key, []));
      write(key, next);
      setItems(next);
    },
    [key],
  );
  const send = (item) => onSend?.(peer, item.id, item.text, item.kind ?? "text", item.ref ?? 0);

  useEffect(() => setItems(me && peer ? read(key, []) : []), [key, me, peer]);

  useEffect(() => {
    if (items.some((item) => stored.has(item.id))) change((all) => all.filter((item) => !stored.has(item.id)));
  }, [items, stored, change]);

  useEffect(() => {
    if (!refusal?.client_id) return;
    change((all) => all.map((item) => (item.id === refusal.client_id ? { ...item, failed: refusal.message, final: refusal.is_final, held: false } : item)));
  }, [refusal, change]);

  useEffect(() => {
    const waiting = unavailable ? [] : items.filter((item) => !item.failed && !item.held);
    if (!waiting.length) return undefined;
    const next = Math.min(...waiting.map((item) => item.at)) + GIVE_UP_AFTER - Date.now();
    const timer = setTimeout(() => {
      const limit = Date.now() - GIVE_UP_AFTER;
      change((all) => all.map((item) => (!item.failed && !item.held && item.at <= limit ? { ...item, failed: "未送达" } : item)));
    }, Math.max(0, next));
    return () => clearTimeout(timer);
  }, [items, unavailable, change]);

  // While the store is away what waits is held; once it is back it goes out in its order.
  const free = items.filter((item) => !item.failed && !item.held).length;
  useEffect(() => {
    if (unavailable && free) change((all) => all.map((item) => (item.failed ? item : { ...item, held: true })));
  }, [unavailable, free, change]);
  useEffect(() => {
    if (unavailable || !epoch || !me || !peer) return;
    const waiting = read(key, []);
    const held = waiting.filter((item) => item.held);
    if (held.length) change((all) => all.map((item) => (item.held ? { ...item, held: false, at: Date.now() } : item)));
    held.forEach(send);
    // After every (re)connection: which of the others did the server store after all?
    const others = waiting.filter((item) => !item.held).map((item) => item.id);
    if (others.length) onCheck?.(peer, others);
  }, [unavailable, epoch, key]);

  const post = (item) => {
    change((all) => [...all.filter((other) => other.id !== item.id), item]);
    send(item);
  };
  const drop = (item) => change((all) => all.filter((other) => other.id !== item.id));
  return { items: items.filter((item) => !stored.has(item.id)), post, drop };
}

function words(item) {
  if (item.kind === "photo") return <img src={item.preview} alt="照片" className="x-pending-photo" />;
  return item.kind === "listing" ? `[宝贝] ${item.preview}` : item.text;
}

export function Pending({ item, onAgain, onDrop }) {
  return (
    <div className="x-row x-own">
      <div className="x-bubble-column">
        <div className={`x-bubble ${item.kind === "photo" ? "x-bare" : ""} ${item.failed ? "x-failed" : "x-sending"}`}>{words(item)}</div>
        {item.failed ? (
          <div className="x-note" role="alert">
            <span>{item.failed}</span>
            {onAgain && !item.final && <button type="button" onClick={onAgain}>重新发送</button>}
            <button type="button" onClick={onDrop}>{item.final ? "知道了" : "删除"}</button>
          </div>
        ) : (
          <div className="x-note">{item.held ? "等待恢复后发出" : item.progress === undefined ? "发送中…" : `上传中 ${Math.round(item.progress * 100)}%`}</div>
        )}
      </div>
    </div>
  );
}
