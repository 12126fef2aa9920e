// A dialog with a form in it. The browser's own element keeps the focus inside, closes on Escape, and
// gives the focus back to whatever had it, be that a button or a message in a chat.
import { useEffect, useRef } from "react";

export function Modal({ open, title, children, onClose }) {
  const dialog = useRef(null);
  useEffect(() => {
    const element = dialog.current;
    if (open && !element.open) element.showModal();
    else if (!open && element.open) element.close();
  }, [open]);
  // The server hears of it unless it was the one that closed it.
  const tell = () => open && onClose?.();
  return (
    <dialog ref={dialog} className="x-dialog x-modal" aria-label={title} onClose={tell}>
      {open && (
        <div className="x-dialog-body">
          <h2>{title}</h2>
          {children}
        </div>
      )}
    </dialog>
  );
}
