// Brings the page back to where it was after 后退. The browser does so for the window only, and here
// the content scrolls inside the frame. It waits until the content is as high as it was, at most for
// as long as a page may take to load.
import { useEffect, useRef } from "react";
import { useLocation, useNavigationType } from "react-router";

const WAIT = 3000; // milliseconds

export function ScrollKeeper() {
  const mark = useRef(null);
  const { key } = useLocation();
  const came = useNavigationType();

  useEffect(() => {
    const pane = mark.current.parentElement;
    const name = `xianyu:scroll:${key}`;
    const wanted = came === "POP" ? Number(sessionStorage.getItem(name)) : 0;
    const save = () => sessionStorage.setItem(name, String(pane.scrollTop));
    const restore = () => {
      if (wanted && pane.scrollHeight - pane.clientHeight >= wanted) {
        pane.scrollTop = wanted;
        observer.disconnect();
      }
    };
    // Another address on the same page, such as other filters of a search, begins at its top.
    if (came !== "POP") pane.scrollTop = 0;
    const observer = new ResizeObserver(restore);
    if (wanted) observer.observe(mark.current.nextElementSibling ?? pane);
    const timer = setTimeout(() => observer.disconnect(), WAIT);
    pane.addEventListener("scroll", save, { passive: true });
    return () => {
      clearTimeout(timer);
      observer.disconnect();
      pane.removeEventListener("scroll", save);
    };
  }, [key, came]);

  return <span ref={mark} hidden />;
}
