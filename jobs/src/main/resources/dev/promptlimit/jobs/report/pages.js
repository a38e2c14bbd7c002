'use strict';

// The page as a whole: which part is seen, light and dark, paper.
(() => {
  const root = document.documentElement;
  const data = Tables.data();
  const dark = window.matchMedia('(prefers-color-scheme: dark)');
  const main = document.getElementById('report');
  const tables = new Map(data.tables.map(table => [table.id, table]));
  let chosen = null;

  const fillTables = part => part.querySelectorAll('[data-table]').forEach(place => {
    Tables.fill(place, tables.get(place.dataset.table));
  });

  const theme = () => chosen || (dark.matches ? 'dark' : 'light');
  const paint = mode => {
    root.dataset.theme = mode;
    Figures.paint(mode);
  };

  // The report, or the page of a claim; links within the report go to their place in it.
  const show = () => {
    let name = location.hash.slice(1);
    try {
      name = decodeURIComponent(name);
    } catch (malformed) {
      // as it is, which is the name of nothing
    }
    const target = document.getElementById(name);
    const page = (target && target.closest('.page')) || main;
    document.querySelectorAll('.page').forEach(each => { each.hidden = each !== page; });
    if (page !== main) fillTables(page);
    if (page === main) Figures.resize();
    if (target && target !== main) target.scrollIntoView();
    else window.scrollTo(0, 0);
    document.title = page === main ? title : page.querySelector('h1').textContent + ' · ' + title;
    return page;
  };
  const title = document.title;

  const header = document.querySelector('header');
  const switcher = Tables.button(header, '', () => {
    chosen = theme() === 'dark' ? 'light' : 'dark';
    paint(chosen);
    name();
  });
  const name = () => { switcher.textContent = theme() === 'dark' ? 'Light' : 'Dark'; };
  name();
  dark.addEventListener('change', () => {
    if (!chosen) paint(theme());
    name();
  });

  const file = document.getElementById('experiment-file');
  if (file) {
    Tables.button(document.getElementById('experiment-download'), 'Save experiment.conf',
      () => Tables.save('experiment.conf', 'text/plain', file.textContent));
  }

  paint(theme());
  fillTables(main);
  window.addEventListener('hashchange', () => {
    const page = show();
    const heading = page.querySelector('h1'); // where a reader with a keyboard goes on
    heading.tabIndex = -1;
    if (page !== main) heading.focus({ preventScroll: true });
  });
  show();

  // One figure at a time, so that the page answers while they are made.
  const waiting = data.figures.slice();
  const make = spec => {
    Figures.draw(Figures.build(main.querySelector('[data-figure="' + CSS.escape(spec.id) + '"]'), spec));
  };
  const next = () => {
    const spec = waiting.shift();
    if (spec) {
      make(spec);
      setTimeout(next, 0);
    } else if (!root.dataset.ready) {
      root.dataset.ready = 'yes';
      if (!moved && location.hash) show(); // figures above have moved what was shown
    }
  };
  let moved = false;
  for (const event of ['wheel', 'touchmove', 'keydown', 'pointerdown']) {
    window.addEventListener(event, () => { moved = true; }, { once: true, passive: true });
  }
  setTimeout(next, 0);

  let resizing;
  window.addEventListener('resize', () => {
    clearTimeout(resizing);
    resizing = setTimeout(() => Figures.resize(), 100);
  });

  // On paper: everything, light, with figures as wide as a page.
  window.addEventListener('beforeprint', () => {
    document.querySelectorAll('.page').forEach(each => { each.hidden = false; });
    document.querySelectorAll('.page').forEach(fillTables);
    Tables.print(true);
    while (waiting.length) make(waiting.shift());
    Figures.resize(680); // before they are drawn anew, which is done at once
    paint('light');
  });
  window.addEventListener('afterprint', () => {
    Tables.print(false);
    show();
    Figures.resize();
    paint(theme());
  });
})();
