// What Reflex cannot express of a conversation: the scroll position that stays at the newest message
// and holds still when older ones are put on top, the key that ends an input method's composition
// without sending, and the outbox. The bubbles themselves come from Python as children.
//
// The outbox keeps what was sent until the server is known to have stored it. It lives in the
// browser's storage, so it survives a reload, a lost network and a killed server; each message
// carries an id made here, and the server takes the same id only once.
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";

const GIVE_UP_AFTER = 10_000; // milliseconds until an unanswered message counts as not delivered
const NEAR = 120; // pixels
const MAX_LENGTH = 2000;

const read = (key, otherwise) => {
  try {
    return JSON.parse(localStorage.getItem(key)) ?? otherwise;
  } catch {
    return otherwise;
  }
};

const write = (key, value) => {
  try {
    if (value && value.length) localStorage.setItem(key, JSON.stringify(value));
    else localStorage.removeItem(key);
  } catch {
    // Storage may be full or forbidden; the message is still on its way.
  }
};

// crypto.randomUUID exists on https only, and a compound may well run without.
const newId = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");

function useOutbox(me, peer, stored, refusal) {
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

  useEffect(() => setItems(me && peer ? read(key, []) : []), [key, me, peer]);

  useEffect(() => {
    if (items.some((item) => stored.has(item.id))) change((all) => all.filter((item) => !stored.has(item.id)));
  }, [items, stored, change]);

  useEffect(() => {
    if (!refusal?.client_id) return;
    change((all) => all.map((item) => (item.id === refusal.client_id ? { ...item, failed: refusal.message } : item)));
  }, [refusal, change]);

  useEffect(() => {
    const waiting = items.filter((item) => !item.failed);
    if (!waiting.length) return undefined;
    const next = Math.min(...waiting.map((item) => item.at)) + GIVE_UP_AFTER - Date.now();
    const timer = setTimeout(() => {
      const limit = Date.now() - GIVE_UP_AFTER;
      change((all) => all.map((item) => (!item.failed && item.at <= limit ? { ...item, failed: "未送达" } : item)));
    }, Math.max(0, next));
    return () => clearTimeout(timer);
  }, [items, change]);

  return [items.filter((item) => !stored.has(item.id)), change];
}

function useScroll(pane, { newest, oldest, pending, hasOlder, onOlder }) {
  const atEnd = useRef(true);
  const height = useRef(0);
  const first = useRef(0);
  const asked = useRef(0);

  useLayoutEffect(() => {
    const element = pane.current;
    if (!element) return;
    if (first.current && oldest < first.current && !atEnd.current) {
      element.scrollTop += element.scrollHeight - height.current;
    } else if (atEnd.current) {
      element.scrollTop = element.scrollHeight;
    }
    first.current = oldest;
    height.current = element.scrollHeight;
  }, [pane, newest, oldest, pending]);

  // A phone's keyboard or a turned screen changes the pane's height.
  useEffect(() => {
    const element = pane.current;
    if (!element) return undefined;
    const observer = new ResizeObserver(() => {
      if (atEnd.current) element.scrollTop = element.scrollHeight;
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [pane]);

  const onScroll = () => {
    const element = pane.current;
    atEnd.current = element.scrollHeight - element.scrollTop - element.clientHeight < NEAR;
    if (hasOlder && element.scrollTop < NEAR && asked.current !== oldest) {
      asked.current = oldest;
      onOlder?.();
    }
  };
  const toEnd = () => {
    atEnd.current = true;
  };
  return { onScroll, toEnd };
}

function useVisibility(peer, onVisible) {
  const report = useRef(onVisible);
  report.current = onVisible;
  useEffect(() => {
    const tell = () => report.current?.(document.visibilityState === "visible");
    tell();
    document.addEventListener("visibilitychange", tell);
    return () => document.removeEventListener("visibilitychange", tell);
  }, [peer]);
}

function Pending({ item, onAgain, onDrop }) {
  return (
    <div className="x-row x-own">
      <div className="x-bubble-column">
        <div className={`x-bubble ${item.failed ? "x-failed" : "x-sending"}`}>{item.text}</div>
        {item.failed ? (
          <div className="x-note" role="alert">
            <span>{item.failed}</span>
            <button type="button" onClick={onAgain}>重新发送</button>
            <button type="button" onClick={onDrop}>删除</button>
          </div>
        ) : (
          <div className="x-note">发送中…</div>
        )}
      </div>
    </div>
  );
}

function Composer({ draftKey, onText }) {
  const field = useRef(null);
  const [error, setError] = useState("");
  const fit = () => {
    const element = field.current;
    element.style.height = "auto";
    element.style.height = `${Math.min(element.scrollHeight, 140)}px`;
  };

  useEffect(() => {
    field.current.value = read(draftKey, "");
    fit();
    setError("");
  }, [draftKey]);

  const submit = () => {
    const text = field.current.value.trim();
    if (!text) return setError("消息不能为空");
    if ([...text].length > MAX_LENGTH) return setError(`消息太长（最多 ${MAX_LENGTH} 字）`);
    onText(text);
    field.current.value = "";
    write(draftKey, "");
    fit();
    field.current.focus();
    return setError("");
  };
  const onKeyDown = (event) => {
    // 229 is what browsers report for a key that an input method takes for itself.
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    submit();
  };
  const onInput = () => {
    write(draftKey, field.current.value);
    fit();
    setError("");
  };

  return (
    <div className="x-composer">
      {error && <p role="alert" className="x-composer-error" id="composer-error">{error}</p>}
      <div className="x-composer-row">
        <textarea ref={field} rows={1} aria-label="输入消息" placeholder="输入消息" aria-invalid={Boolean(error)} onKeyDown={onKeyDown} onInput={onInput} enterKeyHint="send" />
        <button type="button" className="x-send" onClick={submit}>发送</button>
      </div>
    </div>
  );
}

export function ChatRoom({ children, me, peer, messages, hasOlder, refusal, settled, epoch, onOlder, onSend, onCheck, onVisible }) {
  const pane = useRef(null);
  const stored = new Set([...messages.map((message) => message.client_id), ...settled]);
  // The set is new at every render; its size and the ids at its ends tell whether it changed.
  const storedKey = `${stored.size}:${messages.at(-1)?.client_id}:${settled.at(-1)}`;
  const stable = useRef({ key: "", stored });
  if (stable.current.key !== storedKey) stable.current = { key: storedKey, stored };

  const [items, change] = useOutbox(me, peer, stable.current.stored, refusal);
  const { onScroll, toEnd } = useScroll(pane, {
    newest: messages.at(-1)?.seq ?? 0,
    oldest: messages[0]?.seq ?? 0,
    pending: items.length,
    hasOlder,
    onOlder,
  });
  useVisibility(`${peer}:${epoch}`, onVisible);

  // After every (re)connection: which of the waiting messages did the server store after all?
  useEffect(() => {
    const waiting = read(`xianyu:outbox:${me}:${peer}`, []).map((item) => item.id);
    if (epoch && waiting.length) onCheck?.(peer, waiting);
  }, [epoch, me, peer]);

  const post = (item) => {
    toEnd();
    change((all) => [...all.filter((other) => other.id !== item.id), item]);
    onSend?.(peer, item.id, item.text);
  };

  return (
    <div className="x-chat">
      <div className="x-pane" ref={pane} onScroll={onScroll} role="log" aria-label="消息记录" tabIndex={0}>
        {children}
        {items.map((item) => (
          <Pending
            key={item.id}
            item={item}
            onAgain={() => post({ ...item, at: Date.now(), failed: "" })}
            onDrop={() => change((all) => all.filter((other) => other.id !== item.id))}
          />
        ))}
      </div>
      <Composer draftKey={`xianyu:draft:${me}:${peer}`} onText={(text) => post({ id: newId(), text, at: Date.now(), failed: "" })} />
    </div>
  );
}
