// Photos side by side that snap while they are swiped, with thumbnails that follow. The browser does
// the swiping; only which photo is in view has to be measured.
import { useRef, useState } from "react";

export function Gallery({ photos, alt }) {
  const strip = useRef(null);
  const [index, setIndex] = useState(0);
  const many = photos.length > 1;
  const show = (next) => {
    const element = strip.current;
    element.scrollTo({ left: next * element.clientWidth, behavior: "smooth" });
  };
  const onScroll = () => setIndex(Math.round(strip.current.scrollLeft / strip.current.clientWidth));
  const onKeyDown = (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!step) return;
    event.preventDefault();
    show(Math.min(photos.length - 1, Math.max(0, index + step)));
  };

  return (
    <div className="x-gallery" role="group" aria-label="照片">
      <div className="x-stage">
        <div className="x-strip" ref={strip} onScroll={onScroll} onKeyDown={onKeyDown} tabIndex={0} aria-label="照片，左右滑动查看">
          {photos.map((photo, at) => (
            <img key={photo.id} src={photo.url} width={photo.width} height={photo.height} alt={`${alt}，第 ${at + 1} 张照片`} loading={at ? "lazy" : "eager"} fetchPriority={at ? "auto" : "high"} />
          ))}
        </div>
        {many && (
          <>
            <button type="button" className="x-arrow x-left" aria-label="上一张" disabled={index === 0} onClick={() => show(index - 1)}>‹</button>
            <button type="button" className="x-arrow x-right" aria-label="下一张" disabled={index === photos.length - 1} onClick={() => show(index + 1)}>›</button>
            <span className="x-position">{index + 1} / {photos.length}</span>
          </>
        )}
      </div>
      {many && (
        <div className="x-thumbs">
          {photos.map((photo, at) => (
            <button key={photo.id} type="button" aria-label={`看第 ${at + 1} 张`} aria-current={at === index} onClick={() => show(at)}>
              <img src={photo.thumb_url} alt="" loading="lazy" />
            </button>
          ))}
        </div>
      )}
    </div>
  );
}
