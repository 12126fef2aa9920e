// Chooses a picture for one's avatar and uploads it at once, as photo_picker.jsx does and for the same
// reasons: a request of its own with progress, and a limit that the server enforces. The square is cut
// on the server; the preview shows the same middle of the picture.
import { useEffect, useState } from "react";
import { ACCEPT, MAX_BYTES, upload } from "./photo_picker.jsx";

export function AvatarPicker({ endpoint, url, name, onDone }) {
  const [preview, setPreview] = useState("");
  const [progress, setProgress] = useState(1);
  const [error, setError] = useState("");

  // What is stored counts again, whichever tab changed it.
  useEffect(() => setPreview(""), [url]);
  useEffect(() => () => { if (preview) URL.revokeObjectURL(preview); }, [preview]);

  const choose = async (file) => {
    if (!file) return;
    if (file.size > MAX_BYTES) return setError("照片不能超过 10 MB");
    setError("");
    setProgress(0);
    setPreview(/heic|heif/i.test(file.type + file.name) ? "" : URL.createObjectURL(file));
    const answer = await upload(endpoint, file, (part) => setProgress(Math.min(part, 0.98)));
    setProgress(1);
    if (!answer.error) return onDone?.();
    setPreview("");
    return setError(answer.error);
  };

  const shown = preview || url;
  return (
    <div className="x-avatar-picker">
      <span className="x-avatar-frame">
        {shown ? <img src={shown} alt="我的头像" /> : <span aria-hidden="true">{[...(name ?? "")][0]}</span>}
        {progress < 1 && <progress aria-label="头像上传进度" value={progress} max={1} />}
      </span>
      <label className="x-avatar-choose">
        更换头像
        <input type="file" accept={ACCEPT} className="x-visually-hidden" disabled={progress < 1} aria-describedby="avatar-error" onChange={(event) => { choose(event.target.files[0]); event.target.value = ""; }} />
      </label>
      <p id="avatar-error" role="alert" className="x-picker-message">{error}</p>
    </div>
  );
}
