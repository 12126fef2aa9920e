// Chooses, uploads and arranges photos. Reflex's own upload sends all files in one request with one
// progress and no limit on the server; here each photo is a request of its own to the site's upload
// route, with its preview, its progress and its own refusal, and none can spoil the others.
//
// The form receives the field `photos`: {"ids": [in order], "pending": how many are not done}.
import { useEffect, useRef, useState } from "react";

export const MAX_BYTES = 10 * 1024 * 1024;
export const ACCEPT = "image/jpeg,image/png,image/webp,image/heic,image/heif,.heic,.heif";
let made = 0;

// `signal` may end it; then nothing is answered.
export function upload(endpoint, file, onProgress, signal) {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    signal?.addEventListener("abort", () => request.abort());
    request.open("POST", endpoint);
    request.responseType = "json";
    request.upload.onprogress = (event) => event.lengthComputable && onProgress(event.loaded / event.total);
    request.onload = () => resolve(request.status === 201 ? request.response : { error: request.response?.error ?? "上传失败，请重试", status: request.status });
    request.onerror = () => resolve({ error: "网络断开，上传失败" });
    request.send(file);
  });
}

const moved = (list, from, to) => {
  const next = [...list];
  next.splice(to, 0, next.splice(from, 1)[0]);
  return next;
};

function Tile({ tile, at, last, isCover, onMove, onRemove, onRetry }) {
  const name = `第 ${at + 1} 张照片`;
  return (
    <>
      {tile.preview && <img src={tile.preview} alt={name} draggable={false} />}
      {isCover && !tile.error && <span className="x-cover">封面</span>}
      {tile.progress < 1 && !tile.error && (
        <progress aria-label={`${name}上传进度`} value={tile.progress} max={1} />
      )}
      {tile.error && (
        <div className="x-tile-error" role="alert">
          <span>{tile.error}</span>
          {tile.retry && <button type="button" onClick={onRetry}>重试</button>}
        </div>
      )}
      <div className="x-tile-tools">
        <button type="button" aria-label={`${name}前移`} disabled={at === 0} onClick={() => onMove(at, at - 1)}>‹</button>
        <button type="button" aria-label={`${name}后移`} disabled={last} onClick={() => onMove(at, at + 1)}>›</button>
        <button type="button" aria-label={`移除${name}`} onClick={onRemove}>✕</button>
      </div>
    </>
  );
}

export function PhotoPicker({ endpoint, most, hasCover = true, initial, describedBy, invalid }) {
  const [tiles, setTiles] = useState([]);
  const [message, setMessage] = useState("");
  const [over, setOver] = useState(false);
  const dragged = useRef(null);
  const patch = (key, change) => setTiles((all) => all.map((tile) => (tile.key === key ? { ...tile, ...change } : tile)));

  const initialIds = (initial ?? []).map((photo) => photo.id).join();
  useEffect(() => {
    setTiles((initial ?? []).map((photo) => ({ key: `stored-${photo.id}`, id: photo.id, preview: photo.thumb_url, progress: 1 })));
  }, [initialIds]);

  const start = async ({ key, file }) => {
    patch(key, { progress: 0, error: "", retry: false });
    const answer = await upload(endpoint, file, (progress) => patch(key, { progress: Math.min(progress, 0.98) }));
    patch(key, answer.error ? { error: answer.error, retry: true } : { id: answer.id, preview: answer.thumb_url, progress: 1 });
  };

  const add = (files) => {
    const free = most - tiles.length;
    const taken = files.slice(0, Math.max(0, free));
    const extra = files.length - taken.length;
    setMessage(extra > 0 ? `最多 ${most} 张照片，多出的 ${extra} 张没有添加` : "");
    const fresh = taken.map((file) => ({
      key: `new-${++made}`,
      file,
      preview: /heic|heif/i.test(file.type + file.name) ? "" : URL.createObjectURL(file),
      progress: 0,
      error: file.size > MAX_BYTES ? "超过 10 MB" : "",
    }));
    setTiles((all) => [...all, ...fresh]);
    fresh.filter((tile) => !tile.error).forEach(start);
  };

  const onDrop = (event) => {
    event.preventDefault();
    setOver(false);
    if (event.dataTransfer.files.length) add([...event.dataTransfer.files]);
  };
  const dropOnTile = (event, at) => {
    if (dragged.current === null) return;
    event.preventDefault();
    event.stopPropagation();
    setTiles((all) => moved(all, dragged.current, at));
    dragged.current = null;
  };

  const done = tiles.filter((tile) => tile.id);
  const value = JSON.stringify({ ids: done.map((tile) => tile.id), pending: tiles.filter((tile) => !tile.id && !tile.error).length });

  return (
    <div className={over ? "x-picker x-over" : "x-picker"} onDragOver={(event) => { event.preventDefault(); setOver(dragged.current === null); }} onDragLeave={() => setOver(false)} onDrop={onDrop}>
      <input type="hidden" name="photos" value={value} readOnly />
      <ul className="x-tiles">
        {tiles.map((tile, at) => (
          <li key={tile.key} className={tile.error ? "x-tile x-refused" : "x-tile"} draggable onDragStart={() => { dragged.current = at; }} onDragEnd={() => { dragged.current = null; }} onDragOver={(event) => event.preventDefault()} onDrop={(event) => dropOnTile(event, at)}>
            <Tile
              tile={tile}
              at={at}
              last={at === tiles.length - 1}
              isCover={hasCover && at === 0}
              onMove={(from, to) => setTiles((all) => moved(all, from, to))}
              onRemove={() => setTiles((all) => all.filter((other) => other.key !== tile.key))}
              onRetry={() => start(tile)}
            />
          </li>
        ))}
        {tiles.length < most && (
          <li className="x-tile x-add">
            <label>
              <span aria-hidden="true">＋</span>
              <span>添加照片</span>
              <input type="file" accept={ACCEPT} multiple className="x-visually-hidden" aria-describedby={describedBy} aria-invalid={invalid} onChange={(event) => { add([...event.target.files]); event.target.value = ""; }} />
            </label>
          </li>
        )}
      </ul>
      <p className="x-picker-hint">最多 {most} 张，每张不超过 10 MB；可以拖动调整顺序{hasCover ? "，第一张是封面" : ""}。</p>
      {message && <p className="x-picker-message" role="alert">{message}</p>}
    </div>
  );
}
