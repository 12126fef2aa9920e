// The field to write in, with its panels: emoji, phrases, photos and the listing that it is about.
import { useEffect, useRef, useState } from "react";

import { read, write } from "./chat_outbox.jsx";
import { ACCEPT } from "./photo_picker.jsx";

const MAX_LENGTH = 2000;
const TYPING_PAUSE = 2_500; // milliseconds between two signs that somebody is writing
const EMOJI = [..."😀😄😁😂🤣😊😍😘😎🤔😅😭😱😡🙄😴🥰🤗👍👎👌🙏👏💪🤝👋❤💔🎉🎁🌹🍺☕🍰🐟🚲📦💰🏠⏰✅❌❓🔥"];
const PHRASES = ["还在吗？", "可以小刀吗？", "最低多少出？", "在哪里自提？", "什么时候方便看？", "可以送到楼下吗？", "好的，谢谢！"];

// Lucide's outlines, as the rest of the page has them.
const SHAPES = {
  smile: ["M8 14s1.5 2 4 2 4-2 4-2", "M9 9h.01", "M15 9h.01", "M22 12a10 10 0 1 1-20 0 10 10 0 0 1 20 0z"],
  phrases: ["M21 15a2 2 0 0 1-2 2H7l-4 4V5a2 2 0 0 1 2-2h14a2 2 0 0 1 2 2z", "M8 8h8", "M8 12h5"],
  image: ["M5 3h14a2 2 0 0 1 2 2v14a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2V5a2 2 0 0 1 2-2z", "M11 9a2 2 0 1 1-4 0 2 2 0 0 1 4 0z", "m21 15-3.1-3.1a2 2 0 0 0-2.8 0L6 21"],
  tag: ["M12.6 2.6A2 2 0 0 0 11.2 2H4a2 2 0 0 0-2 2v7.2a2 2 0 0 0 .6 1.4l8.7 8.7a2.4 2.4 0 0 0 3.4 0l6.6-6.6a2.4 2.4 0 0 0 0-3.4z", "M7.5 7.5h.01"],
};
const Icon = ({ name }) => (
  <svg viewBox="0 0 24 24" width="24" height="24" fill="none" stroke="currentColor" strokeWidth="1.8" strokeLinecap="round" strokeLinejoin="round" aria-hidden="true">
    {SHAPES[name].map((path) => <path key={path} d={path} />)}
  </svg>
);

export function Composer({ draftKey, about, onText, onFiles, onListing, onTyping }) {
  const field = useRef(null);
  const typed = useRef(0);
  const [error, setError] = useState("");
  const [panel, setPanel] = useState("");
  const fit = () => {
    const element = field.current;
    element.style.height = "auto";
    element.style.height = `${Math.min(element.scrollHeight, 140)}px`;
  };

  useEffect(() => {
    field.current.value = read(draftKey, "");
    fit();
    setError("");
    setPanel("");
  }, [draftKey]);

  const submit = () => {
    const text = field.current.value.trim();
    if (!text) return setError("消息不能为空");
    if ([...text].length > MAX_LENGTH) return setError(`消息太长（最多 ${MAX_LENGTH} 字）`);
    onText(text);
    field.current.value = "";
    write(draftKey, "");
    fit();
    setPanel("");
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
    if (Date.now() - typed.current > TYPING_PAUSE) {
      typed.current = Date.now();
      onTyping?.();
    }
  };
  const insert = (text) => {
    const element = field.current;
    element.setRangeText(text, element.selectionStart, element.selectionEnd, "end");
    onInput();
  };
  const toggle = (name) => setPanel((open) => (open === name ? "" : name));
  const onEscape = (event) => {
    if (event.key !== "Escape" || !panel) return;
    setPanel("");
    field.current.focus();
  };
  const opener = (name, label, icon) => (
    <button type="button" className="x-tool" aria-label={label} title={label} aria-expanded={panel === name} onClick={() => toggle(name)}><Icon name={icon} /></button>
  );

  return (
    <div className="x-composer" onKeyDown={onEscape}>
      {error && <p role="alert" className="x-composer-error" id="composer-error">{error}</p>}
      {panel === "emoji" && (
        <div className="x-emoji" role="group" aria-label="选择表情">
          {EMOJI.map((one) => <button key={one} type="button" onClick={() => insert(one)}>{one}</button>)}
        </div>
      )}
      {panel === "phrases" && (
        <div className="x-phrases" role="group" aria-label="选择常用语">
          {PHRASES.map((one) => <button key={one} type="button" onClick={() => { insert(one); setPanel(""); field.current.focus(); }}>{one}</button>)}
        </div>
      )}
      <div className="x-tools">
        {opener("emoji", "表情", "smile")}
        {opener("phrases", "常用语", "phrases")}
        {onFiles && (
          <label className="x-tool" title="发照片">
            <Icon name="image" />
            <input type="file" accept={ACCEPT} multiple className="x-visually-hidden" aria-label="发照片" onChange={(event) => { onFiles([...event.target.files]); event.target.value = ""; }} />
          </label>
        )}
        {about?.id > 0 && <button type="button" className="x-tool" aria-label="发送这件宝贝" title="发送这件宝贝" onClick={() => onListing(about)}><Icon name="tag" /></button>}
      </div>
      <div className="x-composer-row">
        <textarea ref={field} rows={1} aria-label="输入消息" placeholder="输入消息" aria-invalid={Boolean(error)} onKeyDown={onKeyDown} onInput={onInput} enterKeyHint="send" />
        <button type="button" className="x-send" onClick={submit}>发送</button>
      </div>
    </div>
  );
}
