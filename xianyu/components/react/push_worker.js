// Shows what the server pushes, and opens it when it is pressed. It keeps nothing and answers no request
// of a page. It lies beside the route that serves it and is no part of the build.

const MESSAGES = "/messages";

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

function read(data) {
  try {
    return data.json();
  } catch {
    return {};
  }
}

// Only to this site, whatever was pushed.
function address(path) {
  const url = new URL(typeof path === "string" ? path : MESSAGES, self.location.origin);
  return url.origin === self.location.origin ? url.href : self.location.origin + MESSAGES;
}

self.addEventListener("push", (event) => {
  // Browsers take the permission away from whoever receives a push and shows nothing.
  const { title, body, tag, url } = read(event.data);
  event.waitUntil(
    self.registration.showNotification(title || "有新消息", {
      body: body || "",
      tag: tag || "messages",
      renotify: true,
      icon: "/icon.png",
      lang: "zh-CN",
      data: { url: address(url) },
    }),
  );
});

async function open(url) {
  const pages = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  // A tab that shows something else stays as it is: somebody may be writing in it.
  const there = pages.find((page) => page.url.split("#")[0] === url);
  return there ? there.focus() : self.clients.openWindow(url);
}

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(open(event.notification.data?.url ?? address(MESSAGES)));
});
