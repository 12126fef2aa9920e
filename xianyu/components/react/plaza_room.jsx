// The public room: the parts of a conversation (scrolling, outbox, menu, field) put together for many
// people. The bubbles come from Python as children.
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { Link } from "react-router";

import { Composer } from "./chat_composer.jsx";
import { Chat } from "./chat_context.jsx";
import { Dialog, Menu, copy, useMenuGestures } from "./chat_menu.jsx";
import { MessageText } from "./chat_message.jsx";
import { Pending, newId, useOutbox } from "./chat_outbox.jsx";
import { AskLink, useScroll } from "./chat_room.jsx";
import { wording } from "./time_ago.jsx";

const ROOM = "plaza"; // what stands for the other one in the outbox and in drafts
const RECALL_WITHIN = 2 * 60_000; // milliseconds
const MUTES = [["10 分钟", 10], ["1 小时", 60], ["1 天", 1440]];
const NONE = new Set();
const nothing = () => {};

// A text in which those are pointed out who are called by name, the reader above all.
export function RoomText({ text, mentions, me }) {
  if (!mentions?.length) return <MessageText text={text} />;
  // The longest name first: one may be the beginning of another.
  const names = [...mentions].sort((one, other) => other.length - one.length);
  const calls = new RegExp(`(${names.map((name) => `@${name}`).join("|")})`, "g");
  return text.split(calls).map((part, at) => {
    if (at % 2 === 0) return <MessageText key={at} text={part} />;
    return <b key={at} className={part.slice(1).toLowerCase() === me?.toLowerCase() ? "x-call x-call-me" : "x-call"}>{part}</b>;
  });
}

// Whether a moment of the server's clock has passed; looked at again when it has.
function useIsPast(until, ahead) {
  const [, look] = useState(0);
  const left = until ? new Date(until) - (Date.now() - ahead) : 0;
  useEffect(() => {
    if (left <= 0) return undefined;
    // A browser's timer cannot wait for longer than some weeks.
    const timer = setTimeout(() => look((count) => count + 1), Math.min(left + 200, 2 ** 31 - 1));
    return () => clearTimeout(timer);
  }, [until, left > 0]);
  return left <= 0;
}

function Mute({ person, onMute, onClose }) {
  const choose = (minutes) => {
    onMute?.(person.sender_id, minutes);
    onClose();
  };
  return (
    <Dialog title={`禁言 ${person.sender_name}？`} onClose={onClose}>
      <p>禁言期间对方可以看，但不能在聊天室发言，会看到禁言到什么时候。</p>
      <div className="x-mutes">
        {MUTES.map(([name, minutes]) => <button key={minutes} type="button" onClick={() => choose(minutes)}>禁言 {name}</button>)}
        <button type="button" onClick={() => choose(0)}>解除禁言</button>
        <button type="button" onClick={onClose}>取消</button>
      </div>
    </Dialog>
  );
}

export function PlazaRoom({ children, me, messages, hasOlder, refusal, settled, epoch, now, unavailable, operator, mutedUntil, pause, blocked, loginUrl, onOlder, onSend, onCheck, onRecall, onRetract, onMute, onReport }) {
  const root = useRef(null);
  const pane = useRef(null);
  const storedKey = `${messages.length}:${messages.at(-1)?.client_id}:${settled.length}:${settled.at(-1)}`;
  const stored = useMemo(() => new Set([...messages.map((message) => message.client_id), ...settled]), [storedKey]);
  const { items, post, drop } = useOutbox({
    me,
    peer: ROOM,
    stored,
    refusal,
    unavailable,
    epoch,
    onSend: (_room, id, text) => onSend?.(id, text),
    onCheck: (_room, ids) => onCheck?.(ids),
  });
  const send = (item) => {
    toEnd();
    post({ id: newId(), ...item, at: Date.now(), failed: "", held: false });
  };
  const newest = messages.at(-1)?.seq ?? 0;
  // One that failed is higher than one that is on its way: the view follows that, too.
  const pending = items.map((item) => item.failed ?? "").join("\n") + items.length;
  const { onScroll, toEnd } = useScroll(pane, { newest, oldest: messages[0]?.seq ?? 0, pending, at: 0, epoch, hasOlder, hasNewer: false, onOlder });

  // How far this machine's clock is ahead of the server's.
  const ahead = useMemo(() => (now ? Date.now() - new Date(now) : 0), [now]);
  const mayWrite = useIsPast(mutedUntil, ahead);
  const [menu, setMenu] = useState(null);
  const [leaving, setLeaving] = useState(null);
  const [muting, setMuting] = useState(null);
  const [said, setSaid] = useState("");
  useEffect(() => {
    if (!said) return undefined;
    const timer = setTimeout(() => setSaid(""), 2_000);
    return () => clearTimeout(timer);
  }, [said]);
  const shared = useMemo(() => ({ newest, readSeq: 0, selecting: false, chosen: NONE, toggle: nothing, ask: setLeaving, show: nothing }), [newest]);

  const call = (name) => {
    const field = root.current.querySelector("textarea");
    field.focus();
    field.setRangeText(`@${name} `, field.selectionStart, field.selectionEnd, "end");
    field.dispatchEvent(new Event("input", { bubbles: true }));
  };
  const closeMenu = useCallback(() => {
    setMenu((open) => {
      open?.bubble?.focus({ preventScroll: true });
      return null;
    });
  }, []);
  const openMenu = (seq, where) => {
    const message = messages.find((one) => one.seq === seq);
    if (!message) return;
    const isText = message.kind === "text";
    const isShown = !blocked.includes(message.sender_id);
    const isOwn = message.sender_id === me;
    const isRecallable = isOwn && isText && Date.now() - ahead - new Date(message.sent_at) < RECALL_WITHIN;
    const items = [
      isText && isShown && { name: "复制", act: () => copy(message.body).then(() => setSaid("已复制"), () => setSaid("复制失败")) },
      me > 0 && !isOwn && isShown && mayWrite && message.sender_username && { name: `@${message.sender_username}`, act: () => call(message.sender_username) },
      isRecallable && { name: "撤回", act: () => onRecall?.(seq) },
      !isOwn && isText && isShown && { name: "举报", danger: true, act: () => onReport?.(seq) },
      operator && isText && { name: "删除消息", danger: true, act: () => onRetract?.(seq) },
      operator && !isOwn && { name: "禁言…", danger: true, act: () => setMuting(message) },
    ].filter(Boolean);
    const bubble = pane.current.querySelector(`[data-seq="${seq}"] [data-bubble]`);
    if (items.length) setMenu({ at: where, bubble, items });
  };
  const gestures = useMenuGestures(openMenu);

  return (
    <Chat.Provider value={shared}>
      <div className="x-chat x-plaza" ref={root}>
        {unavailable && <p className="x-unavailable" role="status">聊天暂时不可用，消息会在恢复后发出</p>}
        <div className="x-pane" ref={pane} onScroll={onScroll} role="log" aria-label="消息记录" tabIndex={0} {...gestures}>
          {children}
          {items.map((item) => <Pending key={item.id} item={item} onAgain={() => send(item)} onDrop={() => drop(item)} />)}
        </div>
        <p className="x-said" role="status">{said && <span>{said}</span>}</p>
        {!me && <p className="x-closed-line">大家都可以看。<Link to={loginUrl}>登录后发言</Link></p>}
        {me > 0 && !mayWrite && <p className="x-closed-line" role="status">你已被禁言至 {wording(mutedUntil, "clock")}，期间可以看，不能发言。</p>}
        {me > 0 && mayWrite && (
          <>
            {pause > 0 && !operator && <p className="x-slow">慢速模式：每人每 {pause} 秒一条</p>}
            <Composer draftKey={`xianyu:draft:${me}:${ROOM}`} onText={(text) => send({ text, kind: "text" })} />
          </>
        )}
      </div>
      {menu && <Menu at={menu.at} items={menu.items} label="消息菜单" onClose={closeMenu} />}
      {leaving && <AskLink url={leaving} onClose={() => setLeaving(null)} />}
      {muting && <Mute person={muting} onMute={onMute} onClose={() => setMuting(null)} />}
    </Chat.Provider>
  );
}
