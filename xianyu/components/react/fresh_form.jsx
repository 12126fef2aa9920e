// Shows a form once the server has begun it for this very showing of the page. Handlers that run when a
// page is loaded run again when its socket comes back, and a form that was begun anew then would lose
// what is typed in it; this asks once, when it appears, and keeps what it shows from then on. A server
// that was restarted no longer knows of the showing: it is asked again, and what is typed stays.
import { Fragment, useEffect, useRef, useState } from "react";

export function FreshForm({ opened, number = 0, onOpen, children }) {
  const [name] = useState(() => Math.random().toString(36).slice(2));
  // What is shown, how often it has begun with something else, and the number that it began with last.
  const shown = useRef({ form: null, begun: 0, number: null, again: false });
  const isOpen = opened === name;
  if (isOpen) {
    const now = shown.current;
    if (now.number !== number && !now.again) now.begun += 1;
    Object.assign(now, { form: children, number, again: false });
  }
  const isForgotten = !isOpen && opened === "" && shown.current.form !== null;
  useEffect(() => {
    if (shown.current.form !== null && !isForgotten) return;
    shown.current.again = isForgotten;
    // Of the address the server hears a moment later than a page that was moved to appears.
    onOpen?.(name, window.location.pathname, isForgotten);
  }, [isForgotten]);
  // The fields keep what is typed, whatever they start with: a form that begins differently is another form.
  return shown.current.form === null
    ? <div className="x-skeleton x-form-place" aria-hidden="true" />
    : <Fragment key={shown.current.begun}>{shown.current.form}</Fragment>;
}
