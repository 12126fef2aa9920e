// Finishes a login: the ticket that a state handed out is posted to the route that sets the cookie.
// It has to be a real form post. The socket cannot set an HttpOnly cookie, a GET would leave the
// ticket in the history and could be forged by a link, and Reflex's own redirects never leave the
// single page.
import { useEffect, useRef } from "react";

export function SessionHandoff({ action, ticket, next }) {
  const form = useRef(null);
  useEffect(() => {
    if (ticket) form.current?.submit();
  }, [ticket]);
  return (
    <form ref={form} method="post" action={action} hidden>
      <input name="ticket" value={ticket} readOnly />
      <input name="next" value={next} readOnly />
    </form>
  );
}
