// Erases what chat rooms keep in the browser's storage, words that were typed and messages that were
// not delivered, for who sits here next: at a logout, when a login was ended from elsewhere, and of
// everybody else once somebody is logged in. A login that merely ran out keeps them for its owner's
// next one.
import { useEffect } from "react";

const KEPT = /^xianyu:(?:outbox|draft):(\d+):/;

const erase = (keep) => {
  try {
    for (const key of Object.keys(localStorage)) {
      const owner = KEPT.exec(key)?.[1];
      if (owner && owner !== keep) localStorage.removeItem(key);
    }
  } catch {
    // Where storage is forbidden nothing was kept.
  }
};

export function ChatKeeper({ me, known, ended, logout }) {
  useEffect(() => {
    if (ended) erase("");
    else if (known && me) erase(String(me));
  }, [me, known, ended]);

  // This tab leaves before anybody can tell it that its login is over.
  useEffect(() => {
    const onSubmit = (event) => {
      if (new URL(event.target.action, location).pathname === logout) erase("");
    };
    document.addEventListener("submit", onSubmit);
    return () => document.removeEventListener("submit", onSubmit);
  }, [logout]);
  return null;
}
