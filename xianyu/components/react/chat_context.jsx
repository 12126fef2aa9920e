// What the parts of a conversation share: which messages are chosen, how far the other has read, and
// the dialogs that any bubble may open. The bubbles come from Python; this is how they hear of it.
import { createContext } from "react";

export const Chat = createContext({
  newest: 0,
  readSeq: 0,
  selecting: false,
  chosen: new Set(),
  toggle: () => {},
  ask: () => {},
  show: () => {},
});
