// Free tags as chips. What is typed becomes a chip at a space, a comma, Enter, or when the field is left,
// unless an input method is still composing it. The form receives the field `tags`: ["one", "two"], with
// what is still being typed as the last, so that nothing typed is lost by a press on the button.
import { useEffect, useRef, useState } from "react";

const SEPARATORS = /[\s,，、;；#＃]+/;
const PAUSE = 150;
const key = (name) => name.normalize("NFKC").toLowerCase();
const joined = (tags, more) => {
  const next = [...tags];
  for (const name of more) if (name && !next.some((tag) => key(tag) === key(name))) next.push(name);
  return next;
};

export function TagField({ fieldId, initial, most, longest, suggestions, describedBy, invalid, onType }) {
  const [tags, setTags] = useState(initial ?? []);
  const [text, setText] = useState("");
  const [focused, setFocused] = useState(false);
  const composing = useRef(false);
  const root = useRef(null);
  const field = useRef(null);

  useEffect(() => {
    const typed = text.trim();
    if (!typed) return undefined;
    const timer = setTimeout(() => onType?.(typed), PAUSE);
    return () => clearTimeout(timer);
  }, [text]);

  const take = (value) => {
    setTags((all) => joined(all, value.split(SEPARATORS)));
    setText("");
  };
  const write = (value) => {
    const parts = value.split(SEPARATORS);
    if (composing.current || parts.length === 1) setText(value);
    else {
      setTags((all) => joined(all, parts.slice(0, -1)));
      setText(parts.at(-1));
    }
  };
  const onKeyDown = (event) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === "Enter") {
      // Enter in an empty field is left to the form.
      if (!text.trim()) return;
      event.preventDefault();
      take(text);
    } else if (event.key === "Backspace" && !text) setTags((all) => all.slice(0, -1));
  };
  const choose = (name) => {
    setTags((all) => joined(all, [name]));
    setText("");
    field.current.focus();
  };
  const onBlur = (event) => {
    if (root.current.contains(event.relatedTarget)) return;
    setFocused(false);
    if (!composing.current) take(text);
  };

  const offered = text.trim() && focused ? (suggestions ?? []).filter((name) => !tags.some((tag) => key(tag) === key(name))) : [];
  const value = JSON.stringify(joined(tags, text.split(SEPARATORS)));
  return (
    <div className="x-tag-field" ref={root} onBlur={onBlur} onFocus={() => setFocused(true)}>
      <input type="hidden" name="tags" value={value} readOnly />
      <div className="x-tag-box" aria-invalid={invalid}>
        {tags.map((tag, at) => (
          <span key={key(tag)} className={at >= most || [...tag].length > longest ? "x-tag-chip x-refused" : "x-tag-chip"}>
            {tag}
            <button type="button" aria-label={`移除标签 ${tag}`} onClick={() => setTags((all) => all.filter((other) => other !== tag))}>✕</button>
          </span>
        ))}
        <input
          ref={field}
          id={fieldId}
          type="text"
          autoComplete="off"
          value={text}
          maxLength={200}
          placeholder={tags.length ? "" : "例如 宜家 搬家急出"}
          aria-describedby={describedBy}
          aria-invalid={invalid}
          onChange={(event) => write(event.target.value)}
          onCompositionStart={() => { composing.current = true; }}
          onCompositionEnd={(event) => { composing.current = false; write(event.target.value); }}
          onKeyDown={onKeyDown}
        />
      </div>
      {offered.length > 0 && (
        <div className="x-tag-offers" role="group" aria-label="标签建议" onMouseDown={(event) => event.preventDefault()}>
          {offered.map((name) => (
            <button key={name} type="button" onClick={() => choose(name)}>{name}</button>
          ))}
        </div>
      )}
      <p className="x-picker-hint">最多 {most} 个，每个不超过 {longest} 个字；用空格、逗号或回车分开。</p>
      {tags.length > most && !invalid && <p className="x-picker-message">最多 {most} 个标签，现在是 {tags.length} 个，请移除 {tags.length - most} 个</p>}
    </div>
  );
}
