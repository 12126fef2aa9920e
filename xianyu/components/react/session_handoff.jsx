// Finishes a login: the ticket that a state handed out is posted to the route that sets the cookie.
// It has to be a real form post. The socket cannot set an HttpOnly cookie, a GET would leave the
// ticket in the history and could be forged by a link, and Reflex's own redirects never leave the
// single page.
import { useEffect, useRef } from "react";

const POSTED = "xianyu:posted";

export function SessionHandoff({ action, ticket, next }) {
  const form = useRef(null);
  useEffect(() => {
    // The tab's state outlives the page that the post leads to, ticket and all. Whoever comes back to
    // this page must not be posted away with a ticket that is used up.
    if (!ticket || sessionStorage.getItem(POSTED) === ticket) return;
    sessionStorage.setItem(POSTED, ticket);
    form.current?.submit();
  }, [ticket]);
  return (
    <form ref={form} method="post" action={action} hidden>
      <input name="ticket" value={ticket} readOnly />
      <input name="next" value={next} readOnly />
    </form>
  );
}
