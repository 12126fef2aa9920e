// One menu for all ways to ask for it: a right click, a long press, Enter or the menu key on a bubble,
// and the button in the head of the conversation. It always lies inside the window.
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";

const LONG_PRESS = 450; // milliseconds
const MOVED = 10; // pixels
const MARGIN = 8;

// `at` is {x, y}, or {box} of what it belongs to. `items` are {name, act, danger}.
export function Menu({ at, items, label, onClose }) {
  const list = useRef(null);

  useLayoutEffect(() => {
    const { style, offsetWidth: width, offsetHeight: height } = list.current;
    const x = at.box ? at.box.right - width : at.x;
    const y = at.box ? at.box.bottom + 4 : at.y;
    style.left = `${Math.max(MARGIN, Math.min(x, window.innerWidth - width - MARGIN))}px`;
    style.top = `${Math.max(MARGIN, Math.min(y, window.innerHeight - height - MARGIN))}px`;
    list.current.querySelector("button").focus({ preventScroll: true });
  }, [at]);

  useEffect(() => {
    window.addEventListener("resize", onClose);
    return () => window.removeEventListener("resize", onClose);
  }, [onClose]);

  const onKeyDown = (event) => {
    const buttons = [...list.current.querySelectorAll("button")];
    const here = buttons.indexOf(document.activeElement);
    const steps = { ArrowDown: here + 1, ArrowUp: here - 1, Home: 0, End: buttons.length - 1 };
    if (event.key in steps) buttons.at(steps[event.key] % buttons.length).focus();
    else if (event.key === "Escape" || event.key === "Tab") onClose();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <div className="x-menu-cover" onPointerDown={(event) => event.target === event.currentTarget && onClose()} onContextMenu={(event) => event.preventDefault()}>
      <div className="x-menu" role="menu" aria-label={label} ref={list} onKeyDown={onKeyDown}>
        {items.map((item) => (
          <button key={item.name} type="button" role="menuitem" className={item.danger ? "x-danger" : undefined} onClick={() => { onClose(); item.act(); }}>{item.name}</button>
        ))}
      </div>
    </div>
  );
}

// Handlers for the pane of messages: they call `open(seq, at)` when somebody asks for a bubble's menu.
export function useMenuGestures(open) {
  const press = useRef(null);
  const cancel = useCallback(() => {
    clearTimeout(press.current?.timer);
    press.current = null;
  }, []);
  useEffect(() => cancel, [cancel]);

  const bubbleOf = (event) => event.target.closest?.("[data-bubble]");
  const ask = (bubble, at) => open(Number(bubble.closest("[data-seq]").dataset.seq), at);

  const onContextMenu = (event) => {
    const bubble = bubbleOf(event);
    if (!bubble) return;
    event.preventDefault();
    cancel();
    // From the keyboard it comes without a place.
    ask(bubble, event.clientX || event.clientY ? { x: event.clientX, y: event.clientY } : { box: bubble.getBoundingClientRect() });
  };
  const onTouchStart = (event) => {
    cancel();
    const bubble = bubbleOf(event);
    if (!bubble || event.touches.length > 1) return;
    const { clientX: x, clientY: y } = event.touches[0];
    press.current = { x, y, timer: setTimeout(() => { press.current = null; ask(bubble, { x, y }); }, LONG_PRESS) };
  };
  const onTouchMove = (event) => {
    const { clientX, clientY } = event.touches[0];
    if (press.current && Math.hypot(clientX - press.current.x, clientY - press.current.y) > MOVED) cancel();
  };
  const onKeyDown = (event) => {
    if (!event.target.matches("[data-bubble]")) return;
    const bubbles = [...event.currentTarget.querySelectorAll("[data-bubble]")];
    const here = bubbles.indexOf(event.target);
    if (event.key === "ArrowUp" || event.key === "ArrowDown") bubbles[here + (event.key === "ArrowUp" ? -1 : 1)]?.focus();
    else if (event.key === "Enter" || event.key === "ContextMenu" || (event.key === "F10" && event.shiftKey)) ask(event.target, { box: event.target.getBoundingClientRect() });
    else return;
    event.preventDefault();
  };
  return { onContextMenu, onTouchStart, onTouchMove, onTouchEnd: cancel, onTouchCancel: cancel, onKeyDown };
}

// The browser's own way to copy exists on https only, and a compound may well run without.
export async function copy(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const field = document.createElement("textarea");
  field.value = text;
  field.className = "x-visually-hidden";
  document.body.append(field);
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  if (!done) throw new Error("nothing was copied");
  return undefined;
}

// A question over the page. `onClose` is called however it ends.
export function Dialog({ title, children, onClose }) {
  const dialog = useRef(null);
  useEffect(() => {
    const element = dialog.current;
    element.showModal();
    return () => element.close();
  }, []);
  return (
    <dialog ref={dialog} className="x-dialog" aria-label={title} onClose={onClose} onClick={(event) => event.target === dialog.current && onClose()}>
      <div className="x-dialog-body">
        <h2>{title}</h2>
        {children}
      </div>
    </dialog>
  );
}

export function HeadMenu({ pinned, muted, onPin, onMute, onClear }) {
  const [at, setAt] = useState(null);
  const [asking, setAsking] = useState(false);
  const button = useRef(null);
  const close = useCallback(() => { setAt(null); button.current?.focus(); }, []);
  const items = [
    { name: pinned ? "取消置顶" : "置顶", act: () => onPin?.(!pinned) },
    { name: muted ? "取消免打扰" : "消息免打扰", act: () => onMute?.(!muted) },
    { name: "清空聊天记录", danger: true, act: () => setAsking(true) },
  ];
  return (
    <>
      <button ref={button} type="button" className="x-tool" aria-label="更多" aria-haspopup="menu" aria-expanded={Boolean(at)} onClick={() => setAt({ box: button.current.getBoundingClientRect() })}>
        <svg viewBox="0 0 24 24" width="24" height="24" aria-hidden="true" fill="currentColor"><circle cx="5" cy="12" r="1.8" /><circle cx="12" cy="12" r="1.8" /><circle cx="19" cy="12" r="1.8" /></svg>
      </button>
      {at && <Menu at={at} items={items} label="会话菜单" onClose={close} />}
      {asking && (
        <Dialog title="清空聊天记录？" onClose={() => setAsking(false)}>
          <p>只清空你这边的记录，对方那边还在；清空后不能恢复。</p>
          <div className="x-dialog-buttons">
            <button type="button" onClick={() => setAsking(false)}>取消</button>
            <button type="button" className="x-primary" onClick={() => { setAsking(false); onClear?.(); }}>清空</button>
          </div>
        </Dialog>
      )}
    </>
  );
}
