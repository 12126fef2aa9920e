// Chooses and uploads the one video of a form, as photo_picker.jsx does and for the same reasons. What
// comes after the last byte takes longer here: the server converts the video, and leaving or removing
// it in the meantime ends that as well.
//
// The form receives the field `video`: {"id": the stored video or null, "pending": whether it is on its way}.
import { useEffect, useRef, useState } from "react";
import { upload } from "./photo_picker.jsx";

const ACCEPT = "video/mp4,video/quicktime,video/webm,.mp4,.mov,.m4v,.webm";
const PATIENCE = 3000;
const NOTHING = { stage: "empty" };
// Answers that are about the file itself, which the same file would get again.
const FINAL = [413, 415, 422];

// How long a file lasts, in seconds, if this browser can tell; the server looks again in any case.
function duration(file) {
  return new Promise((resolve) => {
    const player = document.createElement("video");
    const address = URL.createObjectURL(file);
    const done = (seconds) => {
      URL.revokeObjectURL(address);
      resolve(Number.isFinite(seconds) ? seconds : 0);
    };
    player.preload = "metadata";
    player.onloadedmetadata = () => done(player.duration);
    player.onerror = () => done(0);
    setTimeout(() => done(0), PATIENCE);
    player.src = address;
  });
}

function Shown({ slot, onRemove }) {
  const percent = Math.floor((slot.progress ?? 0) * 100);
  const isSent = percent >= 100;
  return (
    <div className="x-tile x-video-tile">
      {slot.stage === "done" ? (
        <>
          <img src={slot.video.thumb_url} alt={`视频封面，时长 ${slot.video.duration}`} />
          <span className="x-duration" aria-hidden="true">▶ {slot.video.duration}</span>
        </>
      ) : (
        <div className="x-video-progress">
          <span role="status">{isSent ? "正在处理…" : "正在上传"}</span>
          <progress aria-label="视频上传进度" {...(isSent ? {} : { value: slot.progress })} max={1} />
          {!isSent && <span>{percent}%</span>}
        </div>
      )}
      <div className="x-tile-tools">
        <button type="button" aria-label={slot.stage === "done" ? "移除视频" : "取消上传视频"} onClick={onRemove}>✕</button>
      </div>
    </div>
  );
}

// `refusal` is what the server said of the form's field; it holds until the field changes.
export function VideoPicker({ endpoint, mostBytes, mostSeconds, initial, refusal }) {
  const [slot, setSlot] = useState(NOTHING);
  const [isHeld, setIsHeld] = useState(true);
  const running = useRef(null);
  const input = useRef(null);

  const stop = () => {
    running.current?.abort();
    running.current = null;
  };
  const initialId = initial?.id ?? 0;
  useEffect(() => {
    stop();
    setSlot(initialId ? { stage: "done", video: initial } : NOTHING);
  }, [initialId]);
  useEffect(() => stop, []);
  useEffect(() => setIsHeld(true), [refusal]);
  useEffect(() => setIsHeld(false), [slot.stage]);

  const start = async (file) => {
    stop();
    const mine = new AbortController();
    running.current = mine;
    const say = (next) => running.current === mine && setSlot(next);
    if (file.size > mostBytes) return say({ stage: "refused", error: `视频不能超过 ${mostBytes / 1e6} MB` });
    say({ stage: "sending", progress: 0 });
    // As much over as the server allows.
    if (await duration(file) > mostSeconds + 0.5) return say({ stage: "refused", error: `视频不能超过 ${mostSeconds} 秒，请剪短后再上传` });
    if (running.current !== mine) return undefined;
    const answer = await upload(endpoint, file, (progress) => say({ stage: "sending", progress }), mine.signal);
    return say(answer.error ? { stage: "refused", error: answer.error, file: FINAL.includes(answer.status) ? null : file } : { stage: "done", video: answer });
  };

  const remove = () => {
    stop();
    setSlot(NOTHING);
    // The button that had the focus is gone.
    requestAnimationFrame(() => input.current?.focus());
  };

  const error = slot.error || (isHeld && refusal) || "";
  const hints = {
    sending: "处理好之后才能发布，可以先填写其他内容。",
    done: "视频会排在第一张照片之后。",
  };
  const isShown = slot.stage === "sending" || slot.stage === "done";
  const value = JSON.stringify({ id: slot.video?.id ?? null, pending: slot.stage === "sending" });
  return (
    <div className="x-video-picker">
      <input type="hidden" name="video" value={value} readOnly />
      {isShown ? (
        <Shown slot={slot} onRemove={remove} />
      ) : (
        <div className={error ? "x-tile x-video-tile x-add x-refused" : "x-tile x-video-tile x-add"}>
          <label>
            <span aria-hidden="true">▶</span>
            <span>添加视频</span>
            <input ref={input} type="file" accept={ACCEPT} className="x-visually-hidden" aria-describedby="video-error" aria-invalid={Boolean(error)} onChange={(event) => { const [file] = event.target.files; if (file) start(file); event.target.value = ""; }} />
          </label>
        </div>
      )}
      <div className="x-video-words">
        <p className="x-picker-hint">{hints[slot.stage] ?? `可以加一段视频：最长 ${mostSeconds} 秒、${mostBytes / 1e6} MB，MP4、MOV 或 WebM。`}</p>
        <p id="video-error" role="alert" className="x-picker-message">{error}</p>
        {slot.file && <button type="button" className="x-retry" onClick={() => start(slot.file)}>重试</button>}
      </div>
    </div>
  );
}
