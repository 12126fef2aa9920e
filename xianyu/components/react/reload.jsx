// Loads the page anew once `when` becomes true: a login that ended elsewhere must leave nothing of
// its owner's on this screen, and only a new page load has a socket without the old cookie.
import { useEffect } from "react";

export function Reload({ when }) {
  useEffect(() => {
    if (when) window.location.reload();
  }, [when]);
  return null;
}
