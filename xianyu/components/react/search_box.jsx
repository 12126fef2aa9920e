// The search box: suggestions while somebody types, the searches of this browser while nothing is typed.
// Input methods compose a word out of several keys, and Enter, arrows and Escape belong to them until it
// is done; only the browser's own composition events tell. The searches stay in this browser's storage.
import { useEffect, useId, useRef, useState } from "react";
import { useLocation, useNavigate } from "react-router";

const DEBOUNCE = 150; // milliseconds
const STORE = "xianyu:searches";
const MOST_RECENT = 8;
const LONGEST = 100; // characters
const KINDS = { category: "分类", tag: "标签" };
const ICONS = {
  search: "M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14zM20 20l-4-4",
  category: "M4 4h6v6H4zM14 4h6v6h-6zM4 14h6v6H4zM14 14h6v6h-6z",
  tag: "M5 9h14M5 15h14M10 4 8 20M16 4l-2 16",
  recent: "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16zM12 8v4l3 2",
};

function Icon({ kind }) {
  return (
    <svg viewBox="0 0 24 24" width="18" height="18" fill="none" stroke="currentColor" strokeWidth="1.8" strokeLinecap="round" strokeLinejoin="round" aria-hidden="true">
      <path d={ICONS[kind] ?? ICONS.search} />
    </svg>
  );
}

// Whose searches they are is kept beside them: who logs out or in as another leaves nothing behind.
function stored() {
  try {
    const found = JSON.parse(localStorage.getItem(STORE));
    return { user: Number(found.user), words: found.words.filter((one) => typeof one === "string") };
  } catch {
    return { user: 0, words: [] };
  }
}

function store(user, words) {
  try {
    if (words.length) localStorage.setItem(STORE, JSON.stringify({ user, words }));
    else localStorage.removeItem(STORE);
  } catch {
    // Storage is full or forbidden: then nothing is remembered.
  }
}

export function SearchBox({ action, suggestions, asked, refusal, user, known, onSuggest }) {
  const location = useLocation();
  const navigate = useNavigate();
  const id = useId();
  const form = useRef(null);
  const field = useRef(null);
  const timer = useRef(0);
  const composing = useRef(false);
  const present = location.pathname.replace(/\/$/, "") === action ? new URLSearchParams(location.search).get("q") ?? "" : "";
  const [text, setText] = useState(""); // the built page knows no address: the effect below fills it in
  const [open, setOpen] = useState(false);
  const [active, setActive] = useState(-1);
  const [recent, setRecent] = useState([]);

  const show = (words) => {
    setText(words);
    // What the browser has restored or the reader typed before the page was alive is the field's own.
    if (field.current && field.current.value !== words) field.current.value = words;
  };
  const close = () => {
    clearTimeout(timer.current);
    setOpen(false);
    setActive(-1);
  };

  // The address says what is searched for; another address, another text. What somebody typed before
  // the page was alive stays.
  useEffect(() => {
    if (present || !field.current.value || document.activeElement !== field.current) show(present.slice(0, LONGEST));
    else setText(field.current.value);
    close();
  }, [location.key, present]);

  useEffect(() => {
    if (!known) return;
    const kept = stored();
    const mine = kept.user === 0 || kept.user === user;
    if (!mine || (kept.user === 0 && user && kept.words.length)) store(user, mine ? kept.words : []);
    setRecent(mine ? kept.words : []);
  }, [known, user]);

  useEffect(() => () => clearTimeout(timer.current), []);

  useEffect(() => {
    const outside = (event) => form.current.contains(event.target) || close();
    document.addEventListener("pointerdown", outside);
    return () => document.removeEventListener("pointerdown", outside);
  }, []);

  const wanted = text.trim();
  const fits = asked && wanted && (wanted.startsWith(asked) || asked.startsWith(wanted));
  const options = wanted
    ? fits ? suggestions.map((one) => ({ ...one, note: KINDS[one.kind] ?? "" })) : []
    : known ? recent.map((words) => ({ kind: "recent", text: words, url: "", note: "" })) : [];
  const note = wanted && refusal ? refusal : "";
  const shown = open && (options.length > 0 || note);

  const changed = (words) => {
    setText(words);
    setActive(-1);
    setOpen(true);
    clearTimeout(timer.current);
    const ask = words.trim();
    if (ask && !composing.current) timer.current = setTimeout(() => onSuggest(ask), DEBOUNCE);
  };
  const remember = (words) => {
    const kept = stored();
    const next = [words, ...kept.words.filter((one) => one !== words)].slice(0, MOST_RECENT);
    store(known ? user : kept.user, next);
    setRecent(next);
  };
  const go = (words, url) => {
    const asked = words.trim();
    if (asked) remember(asked);
    show(asked);
    close();
    field.current.blur();
    navigate(url || (asked ? `${action}?${new URLSearchParams({ q: asked })}` : action));
  };
  const forget = () => {
    store(user, []);
    setRecent([]);
    field.current.focus();
  };
  const onKeyDown = (event) => {
    // 229 is what Safari sends for the Enter that ends a composition.
    if (composing.current || event.nativeEvent.isComposing || event.keyCode === 229) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      if (!shown) setOpen(true);
      // One place more than there are options: the text itself.
      else setActive((active + 1 + step + options.length + 1) % (options.length + 1) - 1);
    } else if (event.key === "Escape" && shown) {
      // Otherwise the browser would empty the field at once.
      event.preventDefault();
      close();
    } else if (event.key === "Enter" && shown && active >= 0 && options[active]) {
      event.preventDefault();
      go(options[active].text, options[active].url);
    }
  };
  const onSubmit = (event) => {
    event.preventDefault();
    if (!composing.current) go(field.current.value, "");
  };

  return (
    <form ref={form} className="x-search" role="search" action={action} method="get" onSubmit={onSubmit}
      onBlur={(event) => event.relatedTarget && !form.current.contains(event.relatedTarget) && close()}>
      <span className="x-search-icon"><Icon kind="search" /></span>
      <input
        ref={field} type="search" name="q" aria-label="搜索" placeholder="搜闲置、活动、公告" maxLength={LONGEST}
        autoComplete="off" autoCorrect="off" autoCapitalize="off" spellCheck={false} enterKeyHint="search"
        aria-autocomplete="list" aria-haspopup="listbox" aria-controls={shown ? `${id}list` : undefined}
        aria-activedescendant={shown && active >= 0 ? `${id}${active}` : undefined}
        onChange={(event) => changed(event.target.value)}
        onFocus={() => setOpen(true)} onClick={() => setOpen(true)} onKeyDown={onKeyDown}
        onCompositionStart={() => { composing.current = true; clearTimeout(timer.current); }}
        onCompositionEnd={(event) => { composing.current = false; changed(event.target.value); }}
      />
      {text && (
        <button type="button" className="x-search-clear" aria-label="清空搜索词" onClick={() => { show(""); changed(""); field.current.focus(); }}>✕</button>
      )}
      {shown && (
        <div className="x-suggestions">
          {!wanted && (
            <div className="x-suggestions-head">
              <span>最近搜索</span>
              <button type="button" onClick={forget}>清空</button>
            </div>
          )}
          {note && <p className="x-suggestions-note" role="status">{note}</p>}
          <ul id={`${id}list`} role="listbox" aria-label={wanted ? "搜索建议" : "最近搜索"}>
            {options.map((option, at) => (
              <li
                key={`${option.kind} ${option.text}`} id={`${id}${at}`} role="option" aria-selected={at === active}
                onMouseDown={(event) => event.preventDefault()} onPointerMove={() => setActive(at)}
                onClick={() => go(option.text, option.url)}
              >
                <Icon kind={option.kind} />
                <span className="x-suggestion-text">{option.text}</span>
                {option.note && <span className="x-suggestion-note">{option.note}</span>}
              </li>
            ))}
          </ul>
        </div>
      )}
    </form>
  );
}
