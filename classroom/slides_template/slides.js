// Lays each section of a lesson out on as many slides as it needs. How high a paragraph, a formula or a figure is, only
// the browser knows: it measures, and the breaks are chosen as TeX chooses them, all of a section at once.

const BLOCKS = ".jp-RenderedMarkdown > *, .code, .jp-OutputArea-output";
const CODE = ".code";
const OUTPUT = ".jp-RenderedText";
const FIGURE = ".jp-RenderedImage";
const FORMULA = "p:has(> mjx-container[display])";
const PROSE = "p:not(:has(> mjx-container[display]))";
const LIST = "ul, ol";

// What does not fit is set smaller, but not below these sizes in pixels.
const SMALLEST_CODE = 16;
const SMALLEST_PROSE = 18;
// A figure shrinks to this part of its stored size at most, and grows up to this multiple where there is room.
const SMALLEST_FIGURE = 0.9;
const LARGEST_FIGURE = 1.5;

// How bad a break between two blocks is. An additional slide costs 1.
function breakCost(before, after) {
  if (before.matches(CODE) && after.matches(OUTPUT)) return 1;
  if (before.matches(PROSE) && !after.matches(PROSE)) return 0.6;
  if (before.matches(CODE) && after.matches(FIGURE)) return 0.4;
  if (before.matches(FIGURE) && after.matches(PROSE)) return 0.4;
  if (before.matches(LIST) && after.matches(LIST)) return 0.3;
  if (before.matches(FORMULA)) return 0.2;
  return 0;
}

// One list for each item, so that a long list can be broken; `joinLists` is the way back.
function splitList(list) {
  return [...list.children].map((item, index) => {
    const part = list.cloneNode();
    if (part.matches("ol")) part.start = list.start + index;
    part.append(item);
    return part;
  });
}

function joinLists(blocks) {
  for (const block of [...blocks]) {
    const previous = block.previousElementSibling;
    if (previous && block.matches(LIST) && previous.tagName === block.tagName) {
      previous.append(...block.children);
      block.remove();
    }
  }
}

function newSlide(headings) {
  const slide = document.createElement("div");
  slide.className = "slide";
  slide.innerHTML = "<header></header><div class='blocks'></div>";
  slide.firstChild.append(...headings.map((heading) => heading.cloneNode(true)));
  return slide;
}

function fontSize(block) {
  return parseFloat(getComputedStyle(block).fontSize);
}

function height(blocks) {
  return blocks.at(-1).getBoundingClientRect().bottom - blocks[0].getBoundingClientRect().top;
}

function shrinkWhile(tooLarge, blocks, smallest) {
  while (tooLarge() && blocks.some((block) => fontSize(block) > smallest)) {
    for (const block of blocks) {
      block.style.fontSize = `${Math.max(smallest, fontSize(block) - 1)}px`;
    }
  }
}

// Code is set smaller also to stay on one slide with what it prints, and if possible with the sentence before it.
function fitCode(blocks, room) {
  blocks.forEach((block, index) => {
    if (!block.matches(CODE)) return;
    const first = index > 0 && blocks[index - 1].matches(PROSE) ? index - 1 : index;
    const last = blocks[index + 1]?.matches(OUTPUT) ? index + 1 : index;
    const code = blocks.slice(index, last + 1);
    for (const group of [blocks.slice(first, last + 1), code]) {
      shrinkWhile(() => height(group) > room, code, SMALLEST_CODE);
      if (height(group) <= room) return;
      code.forEach((part) => part.style.removeProperty("font-size"));
    }
  });
}

function fitFigure(block, room) {
  const image = block.firstElementChild;
  image.style.height = `${Math.min(SMALLEST_FIGURE * image.naturalHeight, room)}px`;
}

function fit(blocks, room) {
  fitCode(blocks, room);
  for (const block of blocks) {
    if (block.matches(FIGURE)) fitFigure(block, room);
    const smallest = block.matches(`${CODE}, ${OUTPUT}`) ? SMALLEST_CODE : SMALLEST_PROSE;
    const tooLarge = () =>
      block.scrollWidth > block.parentElement.clientWidth || block.offsetHeight > room;
    shrinkWhile(tooLarge, [block], smallest);
  }
}

// How much higher a block can become where there is room.
function growth(block, room) {
  if (!block.matches(FIGURE)) return 0;
  const image = block.firstElementChild;
  const widest = (block.clientWidth / image.naturalWidth) * image.naturalHeight;
  return Math.min(LARGEST_FIGURE * image.naturalHeight, widest, room) - image.getBoundingClientRect().height;
}

// Returns the index of the first block of each slide: the breaks with the lowest sum of costs.
function chooseBreaks(boxes, room) {
  const best = [{ cost: 0, starts: [] }];
  for (let end = 1; end <= boxes.length; end++) {
    let growing = 0;
    for (let start = end - 1; start >= 0; start--) {
      const used = boxes[end - 1].bottom - boxes[start].top;
      if (used > room && start < end - 1) break;
      growing += boxes[start].growth;
      const empty = Math.max(0, room - used - growing) / room;
      const cost = best[start].cost + 1 + empty ** 2 + boxes[start].breakCost;
      if (!best[end] || cost < best[end].cost) {
        best[end] = { cost, starts: [...best[start].starts, start] };
      }
    }
  }
  return best.at(-1).starts;
}

function layOut(section, headings) {
  const blocks = [...section.querySelectorAll(BLOCKS)]
    .filter((block) => !block.matches("h1, h2, h3"))
    .flatMap((block) => (block.matches(LIST) ? splitList(block) : [block]));
  const trial = newSlide(headings);
  section.replaceChildren(trial);
  const room = trial.lastChild.clientHeight;
  trial.lastChild.append(...blocks);
  fit(blocks, room);
  const boxes = blocks.map((block, index) => ({
    top: block.getBoundingClientRect().top,
    bottom: block.getBoundingClientRect().bottom,
    growth: growth(block, room),
    breakCost: index ? breakCost(blocks[index - 1], block) : 0,
  }));
  const starts = blocks.length ? chooseBreaks(boxes, room) : [];
  const sections = starts.map((start, index) => {
    const end = starts[index + 1] ?? blocks.length;
    const slide = newSlide(headings);
    slide.lastChild.append(...blocks.slice(start, end));
    enlargeFigures(blocks.slice(start, end), boxes.slice(start, end), room);
    joinLists(slide.lastChild.children);
    const laidOut = document.createElement("section");
    laidOut.append(slide);
    return laidOut;
  });
  section.replaceWith(...sections);
}

function enlargeFigures(blocks, boxes, room) {
  let free = room - (boxes.at(-1).bottom - boxes[0].top);
  blocks.forEach((block, index) => {
    const more = Math.min(free, boxes[index].growth);
    if (more <= 0) return;
    const image = block.firstElementChild;
    image.style.height = `${parseFloat(image.style.height) + more}px`;
    free -= more;
  });
}

async function main() {
  // A copied deck lies alone: a link to another file of the project would lead nowhere.
  document.querySelectorAll("a:not([href^=http])").forEach((link) => link.replaceWith(...link.childNodes));
  document.querySelectorAll("h1, h2, h3").forEach((heading) => heading.removeAttribute("id"));
  await Promise.all([...document.fonts].map((font) => font.load()));
  await Promise.all([...document.images].map((image) => image.decode()));
  await MathJax.startup.promise;
  await MathJax.typesetPromise();
  // A word joiner: a line must not begin with the full stop after a formula.
  document.querySelectorAll("mjx-container:not([display])").forEach((formula) => formula.after("\u2060"));
  for (const column of document.querySelectorAll(".slides > section")) {
    const title = column.querySelector("h1, h2");
    for (const section of [...column.children]) {
      layOut(section, [title, section.querySelector("h3")].filter(Boolean));
    }
  }
  document.querySelector(".reveal").classList.add("laid-out");
  await Reveal.initialize({
    width: 1280, height: 720, margin: 0, center: false, hash: true, transition: "none",
    slideNumber: "c/t", controlsLayout: "edges",
  });
}

main();
