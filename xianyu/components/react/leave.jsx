// Goes to an address that is no page of the single-page application: Reflex's own redirects stay
// inside it, or open another tab. A tab that comes back may be shown the same address once more,
// before its state is fresh, so each is gone to once.
import { useEffect } from "react";

const LEFT = "xianyu:left";

export function Leave({ to }) {
  useEffect(() => {
    if (!to || sessionStorage.getItem(LEFT) === to) return;
    sessionStorage.setItem(LEFT, to);
    window.location.assign(to);
  }, [to]);
  return null;
}
