// A message's row, bubble, text and picture: what of them takes part in the menu, in choosing several,
// in links that ask first and in pictures that open large.
import { useContext } from "react";
import { Link } from "react-router";

import { Chat } from "./chat_context.jsx";

// An address ends at white space and at Chinese punctuation, which follows it without a space.
const ADDRESS = /https?:\/\/[^\s<>"'`，。！？；：、（）《》【】“”‘’…]+/gi;
const TRAILING = /[.,!?;:)\]}]+$/;
// Paths of this site that are no pages of the application.
const NO_PAGE = /^\/(media|api|auth|s)\//;

function parse(text) {
  try {
    return new URL(text);
  } catch {
    return null;
  }
}

// The text in pieces: strings, and addresses as {url, text}.
function pieces(text) {
  const found = [];
  let done = 0;
  for (const match of text.matchAll(ADDRESS)) {
    const address = match[0].replace(TRAILING, "");
    const url = parse(address);
    if (!url || !url.host) continue;
    found.push(text.slice(done, match.index), { url, text: address });
    done = match.index + address.length;
  }
  return [...found, text.slice(done)];
}

function Address({ url, text }) {
  const { ask } = useContext(Chat);
  if (url.origin === window.location.origin) {
    const path = url.pathname + url.search + url.hash;
    return NO_PAGE.test(path) ? <a href={path}>{text}</a> : <Link to={path}>{text}</Link>;
  }
  const onClick = (event) => {
    event.preventDefault();
    ask(url);
  };
  return <a href={url.href} target="_blank" rel="noopener noreferrer nofollow" onClick={onClick} onAuxClick={onClick}>{text}</a>;
}

export function MessageText({ text }) {
  // The server's first rendering has no window to tell this site's links by; nothing is lost without them.
  if (typeof window === "undefined" || !text.includes("://")) return text;
  return pieces(text).map((piece, at) => (typeof piece === "string" ? piece : <Address key={at} {...piece} />));
}

export function MessageRow({ seq, own, note, children }) {
  const { selecting, chosen, toggle } = useContext(Chat);
  const isChosen = selecting && chosen.has(seq);
  const onClick = (event) => {
    // The box reports its own clicks.
    if (event.target.closest("label")) return;
    event.preventDefault();
    toggle(seq);
  };
  const kind = note ? "x-row x-recalled" : own ? "x-row x-own" : "x-row";
  return (
    <div className={isChosen ? `${kind} x-chosen` : kind} data-seq={seq} onClickCapture={selecting ? onClick : undefined}>
      {selecting && (
        <label className="x-choose">
          <input type="checkbox" checked={isChosen} onChange={() => toggle(seq)} aria-label={`选择第 ${seq} 条消息`} />
        </label>
      )}
      {children}
    </div>
  );
}

export function MessageBubble({ seq, own, look, children }) {
  const { newest, readSeq } = useContext(Chat);
  // One stop for the Tab key, the newest; the arrow keys lead on from there (chat_menu.jsx).
  return (
    <>
      <div className={`x-bubble ${look ?? ""}`} data-bubble="" tabIndex={seq === newest ? 0 : -1}>{children}</div>
      {own && seq === readSeq && <div className="x-note x-read">已读</div>}
    </>
  );
}

export function MessagePhoto({ url, thumb, width, height }) {
  const { show } = useContext(Chat);
  const onClick = (event) => {
    event.preventDefault();
    show(url);
  };
  // The place is as large before the picture has come, so that nothing moves when it does.
  const scale = Math.min(1, 240 / Math.max(width, height, 1));
  return (
    <a href={url} onClick={onClick} className="x-photo">
      <img src={thumb} alt="照片，点开看大图" width={Math.round(width * scale)} height={Math.round(height * scale)} />
    </a>
  );
}
