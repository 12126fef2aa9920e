// What Reflex cannot express of a conversation: the scroll position that stays at the newest message
// and holds still when older ones are put on top, the outbox (chat_outbox.jsx), the field with its
// input methods (chat_composer.jsx), the menu of a message and choosing several (chat_menu.jsx). The
// bubbles themselves come from Python as children.
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";

import { Composer } from "./chat_composer.jsx";
import { Chat } from "./chat_context.jsx";
import { Dialog, Menu, copy, useMenuGestures } from "./chat_menu.jsx";
import { Pending, newId, useOutbox } from "./chat_outbox.jsx";
import { MAX_BYTES, upload } from "./photo_picker.jsx";
import { useVisibility } from "./visibility.jsx";

const NEAR = 120; // pixels
const RECALL_WITHIN = 2 * 60_000; // milliseconds
const PHOTOS_AT_ONCE = 9;
// The cards of the site itself: what they speak of is not taken back with them.
const CARDS = new Set(["order", "offer"]);
const NONE = new Set();

export function useScroll(pane, { newest, oldest, pending, at, epoch, hasOlder, hasNewer, onOlder, onNewer }) {
  const atEnd = useRef(true);
  const height = useRef(0);
  const first = useRef(0);
  const asked = useRef("");

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

  // The page was opened at an old message: show that one and point it out.
  useLayoutEffect(() => {
    const found = at && pane.current?.querySelector(`[data-seq="${at}"]`);
    if (!found) {
      if (!hasNewer) atEnd.current = true;
      return undefined;
    }
    atEnd.current = false;
    found.scrollIntoView({ block: "center" });
    found.classList.add("x-found");
    const timer = setTimeout(() => found.classList.remove("x-found"), 2_500);
    return () => clearTimeout(timer);
  }, [pane, at, epoch]);

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
    const below = element.scrollHeight - element.scrollTop - element.clientHeight;
    atEnd.current = below < NEAR && !hasNewer;
    if (hasOlder && element.scrollTop < NEAR && asked.current !== `older ${oldest}`) {
      asked.current = `older ${oldest}`;
      onOlder?.();
    } else if (hasNewer && below < NEAR && asked.current !== `newer ${newest}`) {
      asked.current = `newer ${newest}`;
      onNewer?.();
    }
  };
  const toEnd = () => {
    atEnd.current = true;
  };
  return { onScroll, toEnd };
}

// Photos on their way to the server; once there, they go on as messages.
function useUploads(endpoint, onDone) {
  const [uploads, setUploads] = useState([]);
  const patch = (id, change) => setUploads((all) => all.map((one) => (one.id === id ? { ...one, ...change } : one)));
  const start = async (one) => {
    patch(one.id, { progress: 0, failed: "" });
    const answer = await upload(endpoint, one.file, (progress) => patch(one.id, { progress }));
    if (answer.error) return patch(one.id, { failed: answer.error });
    setUploads((all) => all.filter((other) => other.id !== one.id));
    return onDone(answer);
  };
  // One after the other, so that they arrive in the order in which they were chosen.
  const add = async (files) => {
    const fresh = files.slice(0, PHOTOS_AT_ONCE).map((file) => ({
      id: newId(),
      kind: "photo",
      file,
      preview: URL.createObjectURL(file),
      progress: 0,
      failed: file.size > MAX_BYTES ? "照片不能超过 10 MB" : "",
    }));
    setUploads((all) => [...all, ...fresh]);
    for (const one of fresh.filter((each) => !each.failed)) await start(one);
  };
  const drop = (id) => setUploads((all) => all.filter((one) => one.id !== id));
  return { uploads, add, start, drop };
}

export function AskLink({ url, onClose }) {
  return (
    <Dialog title="要离开本站吗？" onClose={onClose}>
      <p>这个链接通向另一个网站，那里的内容不归本站管，小心要你输入密码或转账的页面。</p>
      <p className="x-address"><b>{url.host}</b><br />{url.href}</p>
      <div className="x-dialog-buttons">
        <button type="button" onClick={onClose}>取消</button>
        <a className="x-primary" href={url.href} target="_blank" rel="noopener noreferrer nofollow" onClick={onClose}>继续前往</a>
      </div>
    </Dialog>
  );
}

function LargePhoto({ url, onClose }) {
  const dialog = useRef(null);
  useEffect(() => dialog.current.showModal(), []);
  return (
    <dialog ref={dialog} className="x-large" aria-label="大图" onClose={onClose} onClick={onClose}>
      <img src={url} alt="照片" />
      <button type="button" aria-label="关闭大图" onClick={onClose}>✕</button>
    </dialog>
  );
}

export function ChatRoom({ children, me, peer, messages, hasOlder, hasNewer, at, about, refusal, settled, epoch, now, readByPeer, unavailable, photoEndpoint, onOlder, onNewer, onNewest, onSend, onCheck, onVisible, onTyping, onRecall, onDelete, onReport }) {
  const pane = useRef(null);
  const stored = new Set([...messages.map((message) => message.client_id), ...settled]);
  // The set is new at every render; its size and the ids at its ends tell whether it changed.
  const storedKey = `${stored.size}:${messages.at(-1)?.client_id}:${settled.at(-1)}`;
  const stable = useRef({ key: "", stored });
  if (stable.current.key !== storedKey) stable.current = { key: storedKey, stored };

  const { items, post, drop } = useOutbox({ me, peer, stored: stable.current.stored, refusal, unavailable, epoch, onSend, onCheck });
  const send = (item) => {
    toEnd();
    post({ id: newId(), text: "", ...item, at: Date.now(), failed: "", held: false });
  };
  const { uploads, add, start, drop: dropUpload } = useUploads(photoEndpoint, (photo) => send({ kind: "photo", ref: photo.id, preview: photo.thumb_url }));
  const newest = messages.at(-1)?.seq ?? 0;
  const { onScroll, toEnd } = useScroll(pane, {
    newest,
    oldest: messages[0]?.seq ?? 0,
    pending: items.length + uploads.length,
    at,
    epoch,
    hasOlder,
    hasNewer,
    onOlder,
    onNewer,
  });
  useVisibility(`${peer}:${epoch}`, onVisible);

  // How far this machine's clock is ahead of the server's, which decides what can still be taken back.
  const ahead = useMemo(() => (now ? Date.now() - new Date(now) : 0), [now]);
  const [menu, setMenu] = useState(null);
  const [chosen, setChosen] = useState(null);
  const [leaving, setLeaving] = useState(null);
  const [large, setLarge] = useState("");
  const [said, setSaid] = useState("");
  useEffect(() => setChosen(null), [peer]);
  useEffect(() => {
    if (!said) return undefined;
    const timer = setTimeout(() => setSaid(""), 2_000);
    return () => clearTimeout(timer);
  }, [said]);

  const toggle = useCallback((seq) => {
    setChosen((all) => {
      const next = new Set(all);
      if (!next.delete(seq)) next.add(seq);
      return next;
    });
  }, []);
  const readSeq = messages.findLast((message) => message.sender_id === me && message.kind !== "recalled" && message.seq <= readByPeer)?.seq ?? 0;
  const shared = useMemo(
    () => ({ newest, readSeq, selecting: Boolean(chosen), chosen: chosen ?? NONE, toggle, ask: setLeaving, show: setLarge }),
    [newest, readSeq, chosen, toggle],
  );
  const picked = chosen ? messages.filter((message) => chosen.has(message.seq)).map((message) => message.seq) : [];

  const closeMenu = useCallback(() => {
    setMenu((open) => {
      open?.bubble?.focus({ preventScroll: true });
      return null;
    });
  }, []);
  const openMenu = (seq, where) => {
    const message = messages.find((one) => one.seq === seq);
    if (!message || chosen) return;
    const isRecallable = message.sender_id === me && message.kind !== "recalled" && !CARDS.has(message.kind) && Date.now() - ahead - new Date(message.sent_at) < RECALL_WITHIN;
    const tell = () => copy(message.body).then(() => setSaid("已复制"), () => setSaid("复制失败"));
    const bubble = pane.current.querySelector(`[data-seq="${seq}"] [data-bubble]`);
    const items = [
      message.kind === "text" && { name: "复制", act: tell },
      isRecallable && { name: "撤回", act: () => onRecall?.(peer, seq) },
      { name: "删除", danger: true, act: () => onDelete?.(peer, [seq]) },
      { name: "多选", act: () => setChosen(new Set([seq])) },
      message.sender_id !== me && message.kind !== "recalled" && { name: "举报", danger: true, act: () => onReport?.(peer, seq) },
    ].filter(Boolean);
    setMenu({ at: where, bubble, items });
  };
  const gestures = useMenuGestures(openMenu);

  return (
    <Chat.Provider value={shared}>
      <div className="x-chat" onKeyDown={(event) => event.key === "Escape" && chosen && setChosen(null)}>
        {unavailable && <p className="x-unavailable" role="status">聊天暂时不可用，消息会在恢复后发出</p>}
        <div className={chosen ? "x-pane x-selecting" : "x-pane"} ref={pane} onScroll={onScroll} role="log" aria-label="消息记录" tabIndex={0} {...gestures}>
          {children}
          {items.map((item) => <Pending key={item.id} item={item} onAgain={() => send(item)} onDrop={() => drop(item)} />)}
          {uploads.map((one) => <Pending key={one.id} item={one} onAgain={one.file.size > MAX_BYTES ? null : () => start(one)} onDrop={() => dropUpload(one.id)} />)}
        </div>
        <p className="x-said" role="status">{said && <span>{said}</span>}</p>
        {hasNewer && <button type="button" className="x-newest" onClick={() => { toEnd(); onNewest?.(); }}>回到最新消息</button>}
        {chosen ? (
          <div className="x-composer x-choosing" role="group" aria-label="多选">
            <button type="button" onClick={() => setChosen(null)}>取消</button>
            <span role="status">已选 {picked.length} 条</span>
            <button type="button" className="x-danger" disabled={!picked.length} onClick={() => { onDelete?.(peer, picked); setChosen(null); }}>删除</button>
          </div>
        ) : (
          <Composer
            draftKey={`xianyu:draft:${me}:${peer}`}
            about={about}
            onText={(text) => send({ text, kind: "text" })}
            onFiles={(files) => { toEnd(); add(files); }}
            onListing={(listing) => send({ kind: "listing", ref: listing.id, preview: listing.title })}
            onTyping={onTyping}
          />
        )}
      </div>
      {menu && <Menu at={menu.at} items={menu.items} label="消息菜单" onClose={closeMenu} />}
      {leaving && <AskLink url={leaving} onClose={() => setLeaving(null)} />}
      {large && <LargePhoto url={large} onClose={() => setLarge("")} />}
    </Chat.Provider>
  );
}
