// Passes an address on. Phones have a sheet of their own for that; elsewhere the address is copied.
// Both interfaces exist on encrypted pages only, and neighbours often reach their server by plain
// http, so the old way of copying stays behind them.
import { useEffect, useState } from "react";

const SHOWN = 2500; // milliseconds

function copyTheOldWay(text) {
  const field = document.createElement("textarea");
  field.value = text;
  field.setAttribute("readonly", "");
  // In view, or phones scroll to it, and in the same layer as the button, whose focus it borrows.
  field.className = "x-visually-hidden";
  document.body.append(field);
  const focused = document.activeElement;
  field.select();
  try {
    return document.execCommand("copy");
  } finally {
    field.remove();
    focused?.focus?.();
  }
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyTheOldWay(text);
  }
}

// A desktop's sheet offers little more than copying does, and takes a press more.
const hasSheet = () => Boolean(navigator.share) && window.matchMedia("(pointer: coarse)").matches;

export function ShareButton({ url, title, children, className }) {
  const [said, setSaid] = useState("");
  useEffect(() => {
    if (!said) return undefined;
    const timer = setTimeout(() => setSaid(""), SHOWN);
    return () => clearTimeout(timer);
  }, [said]);

  async function share() {
    if (hasSheet()) {
      try {
        await navigator.share({ title, url });
        return;
      } catch (error) {
        // They looked at the sheet and closed it.
        if (error.name === "AbortError") return;
      }
    }
    setSaid((await copy(url)) ? "链接已复制" : `复制失败，请手动复制：${url}`);
  }

  return (
    <span className="x-share">
      <button type="button" className={className} onClick={share}>
        {children}
      </button>
      <span role="status" className={said ? "x-share-said" : "x-visually-hidden"}>
        {said}
      </span>
    </span>
  );
}
