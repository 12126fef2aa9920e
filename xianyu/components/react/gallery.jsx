// Photos, and a video behind the first of them, side by side that snap while they are swiped, with
// thumbnails that follow. The browser does the swiping; only which slide is in view has to be measured.
import { useEffect, useRef, useState } from "react";

function Video({ video, alt, shown }) {
  const player = useRef(null);
  const [started, setStarted] = useState(false);

  // Whoever goes on to another slide does not want to hear it any more. A player that fills the screen
  // changes the width of what lies behind it, which is no going on.
  useEffect(() => {
    if (!shown && document.fullscreenElement !== player.current) player.current?.pause();
  }, [shown]);

  const play = () => {
    setStarted(true);
    player.current.focus();
    // Refused where the browser wants another press first: the controls are there for it.
    player.current.play().catch(() => {});
  };

  return (
    <div className="x-slide x-video-slide">
      <video ref={player} src={video.url} poster={video.poster_url} width={video.width} height={video.height} aria-label={`${alt}，视频`} controls={started} preload="none" playsInline tabIndex={started ? 0 : -1} onPlay={() => setStarted(true)} />
      {!started && (
        <button type="button" className="x-play" aria-label={`播放视频，时长 ${video.duration}`} onClick={play}>
          <span className="x-play-mark" aria-hidden="true">
            <svg viewBox="0 0 24 24" width="34" height="34"><path d="M8 5v14l11-7z" fill="currentColor" /></svg>
          </span>
          <span className="x-duration" aria-hidden="true">{video.duration}</span>
        </button>
      )}
    </div>
  );
}

export function Gallery({ photos, video, alt }) {
  const strip = useRef(null);
  const [index, setIndex] = useState(0);
  const slides = photos.map((photo, at) => ({ key: `photo-${photo.id}`, photo, at }));
  if (video?.id) slides.splice(1, 0, { key: `video-${video.id}`, video });
  const many = slides.length > 1;
  const show = (next) => {
    const element = strip.current;
    element.scrollTo({ left: next * element.clientWidth, behavior: "smooth" });
  };
  const onScroll = () => setIndex(Math.round(strip.current.scrollLeft / strip.current.clientWidth));
  const onKeyDown = (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    // A video has its own use for arrows.
    if (!step || event.target.tagName === "VIDEO") return;
    event.preventDefault();
    show(Math.min(slides.length - 1, Math.max(0, index + step)));
  };
  const words = video?.id ? "照片和视频" : "照片";

  return (
    <div className="x-gallery" role="group" aria-label={words}>
      <div className="x-stage">
        <div className="x-strip" ref={strip} onScroll={onScroll} onKeyDown={onKeyDown} tabIndex={0} aria-label={`${words}，左右滑动查看`}>
          {slides.map((slide, place) => (slide.video ? (
            <Video key={slide.key} video={slide.video} alt={alt} shown={place === index} />
          ) : (
            <img key={slide.key} className="x-slide" src={slide.photo.url} width={slide.photo.width} height={slide.photo.height} alt={`${alt}，第 ${slide.at + 1} 张照片`} loading={slide.at ? "lazy" : "eager"} fetchPriority={slide.at ? "auto" : "high"} />
          )))}
        </div>
        {many && (
          <>
            <button type="button" className="x-arrow x-left" aria-label="上一张" disabled={index === 0} onClick={() => show(index - 1)}>‹</button>
            <button type="button" className="x-arrow x-right" aria-label="下一张" disabled={index === slides.length - 1} onClick={() => show(index + 1)}>›</button>
            <span className={slides[index]?.video ? "x-position x-above" : "x-position"}>{index + 1} / {slides.length}</span>
          </>
        )}
      </div>
      {many && (
        <div className="x-thumbs">
          {slides.map((slide, place) => (
            <button key={slide.key} type="button" aria-label={slide.video ? "看视频" : `看第 ${slide.at + 1} 张`} aria-current={place === index} onClick={() => show(place)}>
              <img src={(slide.video ?? slide.photo).thumb_url} alt="" loading="lazy" />
              {slide.video && <span className="x-thumb-mark" aria-hidden="true">▶</span>}
            </button>
          ))}
        </div>
      )}
    </div>
  );
}
