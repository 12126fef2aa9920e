// Has this browser told of messages while no page is open: asks for the permission, starts the service
// worker, and subscribes at the browser's own push service. Whatever is in the way is said beside it.
import { Switch } from "@radix-ui/themes";
import { useEffect, useId, useState } from "react";

const WORKER = "/push-worker.js";
// A push service that cannot be reached may leave the browser without an answer for minutes.
const PATIENCE = 20_000; // milliseconds

const DENIED = "浏览器不允许本站发通知。请在浏览器的网站设置里允许通知，再回来打开。";
const NOT_ASKED = "没有允许通知，推送没有打开。";
const UNREACHABLE = "浏览器连不上它的推送服务，推送没有打开。请稍后再试，或者换一个浏览器。";

function obstacle(serverKey) {
  if (!serverKey) return "本站还没有开启推送，需要管理员先设置。";
  if (!window.isSecureContext) return "推送只能在 https 地址上使用。";
  const supported = "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;
  if (!supported) return "这个浏览器不支持推送。iPhone 和 iPad 上，请先把本站添加到主屏幕，再从那里打开。";
  return Notification.permission === "denied" ? DENIED : "";
}

// The pages refuse texts where scripts are loaded (Trusted Types). This policy knows one address and
// no other, whatever it is given.
let policy;
function workerAddress() {
  if (!window.trustedTypes) return WORKER;
  policy ??= window.trustedTypes.createPolicy("xianyu-worker", { createScriptURL: () => WORKER });
  return policy.createScriptURL("");
}

function bytes(base64url) {
  const text = atob(base64url.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

function isFor(subscription, key) {
  const own = subscription.options?.applicationServerKey;
  return !own || new Uint8Array(own).join() === key.join();
}

function within(promise) {
  const late = new Promise((_, reject) => setTimeout(() => reject(new Error("late")), PATIENCE));
  return Promise.race([promise, late]);
}

async function present() {
  const registration = await navigator.serviceWorker.getRegistration("/");
  return registration ? registration.pushManager.getSubscription() : null;
}

async function subscribe(serverKey) {
  const registration = await navigator.serviceWorker.register(workerAddress(), { scope: "/" });
  const key = bytes(serverKey);
  const former = await registration.pushManager.getSubscription();
  if (former && !isFor(former, key)) await former.unsubscribe();
  await within(navigator.serviceWorker.ready);
  return within(registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key }));
}

export function PushSwitch({ serverKey, endpoint, error, onSubscribe, onUnsubscribe }) {
  const said = useId();
  const [here, setHere] = useState(null);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState("");
  const [blocked, setBlocked] = useState("");

  useEffect(() => {
    const found = obstacle(serverKey);
    setBlocked(found);
    if (found) return;
    present().then((subscription) => setHere(subscription?.endpoint ?? ""), () => setHere(""));
  }, [serverKey]);

  // The browser gave up its subscription, for instance as its owner took the permission back.
  const isLost = Boolean(endpoint) && (blocked === DENIED || (here !== null && here !== endpoint)) && !busy;
  useEffect(() => {
    if (isLost) onUnsubscribe();
  }, [isLost]);

  async function turnOn() {
    const permission = await Notification.requestPermission();
    if (permission === "denied") setBlocked(DENIED);
    if (permission !== "granted") return setFailure(permission === "denied" ? "" : NOT_ASKED);
    const subscription = await subscribe(serverKey);
    const { endpoint: address, keys } = subscription.toJSON();
    setHere(address);
    onSubscribe(address, keys.p256dh, keys.auth);
  }

  async function turnOff() {
    onUnsubscribe();
    const subscription = await present();
    await subscription?.unsubscribe();
    setHere("");
  }

  async function choose(wanted) {
    setBusy(true);
    setFailure("");
    try {
      await (wanted ? turnOn() : turnOff());
    } catch (reason) {
      if (wanted) setFailure(reason?.name === "NotAllowedError" ? DENIED : UNREACHABLE);
    } finally {
      setBusy(false);
    }
  }

  const message = blocked || failure || error;
  return (
    <div>
      <label className="x-switch">
        <Switch
          size="3"
          checked={Boolean(endpoint) && !isLost}
          disabled={Boolean(blocked) || busy}
          onCheckedChange={choose}
          aria-describedby={said}
        />
        在这台设备上推送
      </label>
      <p id={said} role="status" className="x-switch-said">
        {busy ? "正在打开…" : message}
      </p>
    </div>
  );
}
