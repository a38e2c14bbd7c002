'use strict';

// Tables: shown page by page, sorted and filtered, saved as CSV and LaTeX. Texts come from
// experiment files; they are put into the page as text nodes and nothing else.
const Tables = (() => {
  const PAGE = 25;
  const PRINTED = 100;
  const EXPONENT = /^-?\d(\.\d+)?e/;
  const all = [];
  let printing = false;

  const element = (parent, name, text, attributes) => {
    const node = document.createElement(name);
    if (text !== undefined && text !== '') node.textContent = text;
    for (const key of Object.keys(attributes || {})) node.setAttribute(key, attributes[key]);
    if (parent) parent.appendChild(node);
    return node;
  };

  const button = (parent, text, action, label) => {
    const node = element(parent, 'button', text, { type: 'button' });
    if (label) node.setAttribute('aria-label', label);
    node.addEventListener('click', action);
    return node;
  };

  // Four significant digits of what is not whole.
  const number = x => {
    if (x === null || x === undefined) return '–';
    const size = Math.abs(x);
    if (Number.isInteger(x) && size < 1e12) return String(x);
    return size < 1e-3 || size >= 1e6 ? x.toExponential(3) : String(Number(x.toPrecision(4)));
  };

  const shown = value =>
    typeof value === 'string' ? value : typeof value === 'boolean' ? (value ? 'yes' : 'no') : number(value);

  const save = (name, type, content) => {
    const url = URL.createObjectURL(content instanceof Blob ? content : new Blob([content], { type }));
    const link = element(document.body, 'a', '', { href: url, download: name, hidden: '' });
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(url), 10000);
  };

  // A file name on any system: letters, digits, - and _.
  const fileName = (name, extension) => {
    const run = data().name.replace(/[^A-Za-z0-9_-]+/g, '-').slice(0, 60);
    return run + '-' + name.replace(/[^A-Za-z0-9_-]+/g, '-').slice(0, 60) + '.' + extension;
  };

  let parsed;
  const data = () => {
    if (!parsed) parsed = JSON.parse(document.getElementById('data').textContent);
    return parsed;
  };

  // RFC 4180. A text that a spreadsheet would take for a formula gets an apostrophe.
  const csvField = value => {
    if (value === null || value === undefined) return '';
    if (typeof value !== 'string') return String(value);
    const text = /^[=+\-@\t\r]/.test(value) ? "'" + value : value;
    return /[",\r\n]/.test(text) ? '"' + text.replace(/"/g, '""') + '"' : text;
  };

  const csv = (columns, rows) =>
    [columns, ...rows].map(row => row.map(csvField).join(',')).join('\r\n') + '\r\n';

  const LATEX = {
    '\\': '\\textbackslash{}', '{': '\\{', '}': '\\}', $: '\\$', '&': '\\&', '#': '\\#', _: '\\_',
    '%': '\\%', '^': '\\textasciicircum{}', '~': '\\textasciitilde{}', '<': '\\textless{}',
    '>': '\\textgreater{}', '|': '\\textbar{}', '"': "''", 'σ': '$\\sigma$',
    'θ': '$\\theta$', 'ε': '$\\varepsilon$', '²': '$^2$', '¹': '$^1$', '₁': '$_1$', '₂': '$_2$',
    '√': '$\\surd$', '∞': '$\\infty$', '−': '$-$', '–': '--', '≤': '$\\le$', '≥': '$\\ge$',
    '·': '$\\cdot$', '→': '$\\to$', '…': '\\ldots{}',
  };
  const latexText = text =>
    Array.from(text.replace(/[\u0000-\u001f\u007f]/g, ' '), c => LATEX[c] || c).join('');

  const latexField = value => {
    if (typeof value === 'string' || typeof value === 'boolean') return latexText(shown(value));
    const text = number(value);
    if (value === null || value === undefined) return '--';
    return EXPONENT.test(text)
      ? '$' + text.replace(/e\+?(-?\d+)$/, ' \\times 10^{$1}') + '$'
      : '$' + text + '$';
  };

  // A longtable, which may be longer than a page.
  const latex = (title, columns, rows) => {
    const isText = columns.map((c, i) => rows.some(row => typeof row[i] === 'string' && row[i] !== ''));
    const line = cells => '{}' + cells.join(' & ') + ' \\\\'; // {}: a row may begin with [ or *
    const head = line(columns.map(latexText));
    return [
      '% needs packages booktabs and longtable',
      '\\begin{longtable}{' + isText.map(text => (text ? 'l' : 'r')).join('') + '}',
      '\\caption{' + latexText(title) + '}\\\\',
      '\\toprule', head, '\\midrule', '\\endfirsthead',
      '\\toprule', head, '\\midrule', '\\endhead',
      '\\bottomrule', '\\endfoot',
      ...rows.map(row => line(row.map(latexField))),
      '\\end{longtable}', '',
    ].join('\n');
  };

  // What is not known comes last, whatever the order.
  const known = x => x !== null && x !== undefined && x !== '';
  const compare = (a, b, sign) => {
    if (!known(a) || !known(b)) return (known(a) ? 0 : 1) - (known(b) ? 0 : 1);
    if (typeof a === 'number' && typeof b === 'number') return sign * (a - b);
    return sign * (String(a) < String(b) ? -1 : String(a) > String(b) ? 1 : 0);
  };

  // Fills a container with a table {id, title, columns, rows}.
  const fill = (container, table) => {
    if (container.dataset.filled) return;
    container.dataset.filled = 'yes';
    const state = { page: 0, sort: -1, descending: false, words: [] };
    let rows = table.rows;

    const bar = element(container, 'div', '', { class: 'toolbar' });
    if (table.rows.length > 10) {
      const label = element(bar, 'label', 'Filter ');
      const input = element(label, 'input', '', { type: 'search', size: '16' });
      input.addEventListener('input', () => {
        state.words = input.value.toLowerCase().split(/\s+/).filter(word => word);
        state.page = 0;
        select();
      });
    }
    button(bar, 'CSV', () => save(fileName(table.id, 'csv'), 'text/csv', csv(table.columns, rows)),
      'Save ' + table.title + ' as CSV');
    button(bar, 'LaTeX', () => save(fileName(table.id, 'tex'), 'application/x-tex', latex(table.title, table.columns, rows)),
      'Save ' + table.title + ' as LaTeX');

    const scroll = element(container, 'div', '', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': table.title });
    const grid = element(scroll, 'table');
    element(grid, 'caption', table.title, { class: 'hidden' });
    const header = element(element(grid, 'thead'), 'tr');
    const heads = table.columns.map((column, i) => {
      const words = table.rows.some(row => typeof row[i] === 'string' && row[i] !== '');
      const cell = element(header, 'th', '', { scope: 'col', class: words ? 'text' : 'number' });
      button(cell, column, () => {
        state.descending = state.sort === i && !state.descending;
        state.sort = i;
        state.page = 0;
        select();
      });
      return cell;
    });
    const body = element(grid, 'tbody');
    const pager = element(container, 'div', '', { class: 'pager' });
    const back = button(pager, '‹ previous', () => turn(-1), 'Previous page of ' + table.title);
    const place = element(pager, 'span', '', { 'aria-live': 'polite' });
    const next = button(pager, 'next ›', () => turn(1), 'Next page of ' + table.title);

    const size = () => (printing ? PRINTED : PAGE);
    const turn = by => {
      state.page += by;
      draw();
    };

    const select = () => {
      rows = table.rows;
      if (state.words.length) {
        rows = rows.filter(row => {
          const text = row.map(shown).join('\u0000').toLowerCase();
          return state.words.every(word => text.includes(word));
        });
      }
      if (state.sort >= 0) {
        const sign = state.descending ? -1 : 1;
        rows = rows.map((row, i) => [row, i])
          .sort((a, b) => compare(a[0][state.sort], b[0][state.sort], sign) || a[1] - b[1])
          .map(pair => pair[0]);
      }
      heads.forEach((cell, i) => {
        if (i === state.sort) cell.setAttribute('aria-sort', state.descending ? 'descending' : 'ascending');
        else cell.removeAttribute('aria-sort');
      });
      draw();
    };

    const draw = () => {
      const first = state.page * size();
      const last = Math.min(rows.length, first + size());
      body.textContent = '';
      for (let i = first; i < last; i++) {
        const line = element(body, 'tr');
        rows[i].forEach(value => {
          const text = shown(value);
          const cell = element(line, 'td', text);
          if (typeof value === 'string') cell.className = text.length > 40 ? 'text long' : 'text';
        });
      }
      place.textContent = rows.length === 0 ? 'no rows'
        : (first + 1) + ' to ' + last + ' of ' + rows.length;
      back.disabled = state.page === 0;
      next.disabled = last === rows.length;
      pager.hidden = rows.length <= size() && !state.words.length;
    };

    const before = { page: 0 };
    all.push(on => {
      if (on) before.page = state.page;
      state.page = on ? 0 : before.page;
      draw();
    });
    draw();
  };

  // More rows at once where they go to paper.
  const print = on => {
    printing = on;
    all.forEach(draw => draw(on));
  };

  return { element, button, number, save, fileName, csv, latex, data, fill, print };
})();
