'use strict';

// Figures: data of the page as ECharts options. A figure has views of which one is shown; a series
// belongs to a group, which has a colour, and a layer, which says what it is; both can be hidden.
const Figures = (() => {
  const COLOURS = {
    light: ['#1f5fbf', '#c2410c', '#0f7b5f', '#9333a8', '#8a6100', '#be123c', '#0e7490', '#555555'],
    dark: ['#7db2ff', '#ff9d5c', '#4fd1a5', '#d79bff', '#e5c04b', '#ff8095', '#5fd3ea', '#c4c4c4'],
  };
  const RAMPS = {
    light: [[194, 65, 12], [126, 34, 206], [11, 61, 145]],
    dark: [[255, 179, 122], [201, 160, 255], [110, 190, 255]],
  };
  const INK = {
    light: { text: '#1c1f24', line: '#8a919c', grid: '#e3e6ea', back: '#ffffff' },
    dark: { text: '#e8eaed', line: '#8a919c', grid: '#33383f', back: '#16181c' },
  };
  const SYMBOLS = ['circle', 'rect', 'triangle', 'diamond'];
  const SHOWN = 6; // groups that are visible at first
  const FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, sans-serif';
  const figures = [];
  let theme = 'light';

  const unique = list => Array.from(new Set(list));

  const colour = (figure, group, mode) => {
    const i = figure.groups.indexOf(group);
    if (!figure.ordered) return COLOURS[mode][i % COLOURS[mode].length];
    const ramp = RAMPS[mode];
    const t = (figure.groups.length > 1 ? i / (figure.groups.length - 1) : 0) * (ramp.length - 1);
    const k = Math.min(ramp.length - 2, Math.floor(t));
    const mix = [0, 1, 2].map(c => Math.round(ramp[k][c] + (t - k) * (ramp[k + 1][c] - ramp[k][c])));
    return 'rgb(' + mix.join(',') + ')';
  };

  // Logarithms are taken here and axes are linear in them: ECharts rounds ticks of its own
  // logarithmic axes to ten decimals, which makes 0 of those below 1e-10.
  const place = (spec, v) => (spec.log ? Math.log10(v) : v);

  // 1, 10, 100, 10³ for whole logarithms; nothing between.
  const power = n => {
    if (Math.abs(n - Math.round(n)) > 1e-6) return '';
    const whole = Math.round(n);
    if (whole >= 0 && whole <= 2) return String(Math.pow(10, whole));
    return '10' + String(whole).replace(/./g, c => (c === '-' ? '⁻' : '⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(c)]));
  };

  const axis = (spec, values, ink, vertical) => {
    const known = values.filter(v => v !== null && (!spec.log || v > 0)).map(v => place(spec, v));
    let low = known.length ? known.reduce((a, b) => Math.min(a, b)) : 0;
    let high = known.length ? known.reduce((a, b) => Math.max(a, b)) : 1;
    if (spec.log && high - low < 1) { // two labels at least
      low = Math.floor(low - 1e-9);
      high = Math.ceil(high + 1e-9);
    } else if (spec.log) {
      low -= 0.15;
      high += 0.15;
    } else {
      const room = high > low ? 0.04 * (high - low) : Math.max(0.5, Math.abs(high) / 2);
      low = low >= 0 && low <= 0.3 * high ? 0 : low - room;
      high += room;
    }
    return {
      type: 'value',
      name: spec.name,
      nameLocation: vertical ? 'end' : 'middle',
      nameGap: vertical ? 12 : 28,
      nameTextStyle: { color: ink.text, align: vertical ? 'left' : 'center', fontSize: 13 },
      min: low,
      max: high,
      minInterval: spec.log ? 1 : 0,
      axisLine: { show: true, onZero: false, lineStyle: { color: ink.line } },
      axisTick: { show: true },
      axisLabel: {
        color: ink.text, fontSize: 12, hideOverlap: true, showMinLabel: Number.isInteger(low), showMaxLabel: spec.log && Number.isInteger(high),
        formatter: spec.log ? power : x => Tables.number(Number(x.toPrecision(6))),
      },
      splitLine: { show: true, lineStyle: { color: ink.grid } },
    };
  };

  const SIZE = { POINTS: 7, LINE: 4, BAND: 4, DASHED: 3, DOTTED: 3 };
  const STROKE = { LINE: 'solid', BAND: 'solid', DASHED: [7, 4], DOTTED: [2, 3] };

  const visible = figure => {
    const view = figure.spec.views[figure.view];
    return view.series.filter(s => !figure.hidden.has('g' + s.group) && !figure.hidden.has('l' + s.layer));
  };

  const hasInterval = (series, i) => Boolean(series.low) && (series.low[i] !== null || series.high[i] !== null);

  const option = (figure, mode) => {
    const ink = INK[mode];
    const shown = visible(figure);
    const spec = figure.spec;
    const xs = shown.flatMap(s => s.x);
    const ys = shown.flatMap(s => [...s.y, ...(s.high || [])]);
    // Intervals of probabilities reach down to 0: two decades below all values are enough of them.
    const floor = spec.y.log ? 0.01 * ys.filter(v => v > 0).reduce((a, b) => Math.min(a, b), Infinity) : -Infinity;
    ys.push(...shown.flatMap(s => s.low || []).filter(v => v !== null && v >= floor));
    const x = axis(spec.x, xs, ink, false);
    const y = axis(spec.y, ys, ink, true);
    const horizontal = v => place(spec.x, v);
    const vertical = v => (spec.y.log && v <= 0 ? y.min : Math.min(y.max, Math.max(y.min, place(spec.y, v))));
    // An end that is infinite or not known is that of the picture.
    const lower = (s, i) => (s.low[i] === null ? y.min : vertical(s.low[i]));
    const upper = (s, i) => (s.high[i] === null ? y.max : vertical(s.high[i]));
    const list = [];
    const drawn = [];
    const add = (entry, series) => {
      list.push(Object.assign({ animation: false, emphasis: { disabled: true } }, entry));
      drawn.push(series);
    };
    for (const series of shown) {
      const paint = colour(figure, series.group, mode);
      const name = series.group + ', ' + series.layer;
      const symbol = figure.ordered ? 'circle' : SYMBOLS[figure.groups.indexOf(series.group) % SYMBOLS.length];
      if ((series.kind === 'BAND' || series.kind === 'AREA') && series.low) {
        add({
          type: 'custom', name: name + ', interval', silent: true, clip: true, z: 1,
          data: [[horizontal(series.x[0]), y.min]], encode: { x: 0, y: 1 },
          renderItem: (params, api) => {
            const known = series.x.map((v, i) => i).filter(i => hasInterval(series, i));
            const points = known.map(i => api.coord([horizontal(series.x[i]), upper(series, i)]))
              .concat(known.map(i => api.coord([horizontal(series.x[i]), lower(series, i)])).reverse());
            return { type: 'polygon', shape: { points }, style: { fill: paint, opacity: 0.16 } };
          },
        }, series);
      }
      const intervals = series.kind !== 'POINTS' ? [] : series.x.map((v, i) => i).filter(i => hasInterval(series, i))
        .map(i => [horizontal(series.x[i]), lower(series, i), upper(series, i)]);
      if (intervals.length) {
        add({
          type: 'custom', name: name + ', interval', silent: true, clip: true, z: 2,
          data: intervals, encode: { x: 0, y: [1, 2] },
          renderItem: (params, api) => {
            const low = api.coord([api.value(0), api.value(1)]);
            const high = api.coord([api.value(0), api.value(2)]);
            const c = 4;
            return {
              type: 'polyline',
              shape: { points: [[low[0] - c, low[1]], [low[0] + c, low[1]], low, high, [high[0] - c, high[1]], [high[0] + c, high[1]]] },
              style: { stroke: paint, fill: 'none', lineWidth: 1.5 },
            };
          },
        }, series);
      }
      if (series.kind === 'AREA') continue;
      // A value that has no place breaks the line.
      const data = series.x.map((v, i) => {
        const known = series.y[i] !== null && (!spec.y.log || series.y[i] > 0) && (!spec.x.log || v > 0);
        return known ? [horizontal(v), place(spec.y, series.y[i])] : [horizontal(v), NaN];
      });
      add({
        type: series.kind === 'POINTS' ? 'scatter' : 'line',
        name,
        data,
        symbol, symbolSize: SIZE[series.kind], showSymbol: true, showAllSymbol: true, clip: false,
        itemStyle: { color: paint },
        lineStyle: { color: paint, width: series.kind === 'DOTTED' || series.kind === 'DASHED' ? 1.5 : 2, type: STROKE[series.kind] },
        z: series.kind === 'POINTS' ? 4 : 3,
      }, series);
    }
    figure.series = drawn;
    return {
      animation: false,
      backgroundColor: 'transparent',
      textStyle: { fontFamily: FONT, color: ink.text },
      grid: { left: 8, right: 18, top: 34, bottom: 36, containLabel: true },
      xAxis: x,
      yAxis: y,
      tooltip: {
        trigger: 'item', confine: true, backgroundColor: ink.back, borderColor: ink.line,
        textStyle: { color: ink.text, fontSize: 13 },
        formatter: params => tip(figure, params),
      },
      series: list,
    };
  };

  // A node, not HTML: names are only text.
  const tip = (figure, params) => {
    const series = figure.series[params.seriesIndex];
    const i = params.dataIndex;
    const box = Tables.element(null, 'div', '', { class: 'tip' });
    Tables.element(Tables.element(box, 'b'), 'bdi', short(series.group));
    const line = text => Tables.element(box, 'div', text);
    line(series.layer);
    line(figure.spec.x.name + ': ' + Tables.number(series.x[i]));
    line(figure.spec.y.name + ': ' + Tables.number(series.y[i]));
    if (hasInterval(series, i)) line('in [' + Tables.number(series.low[i]) + ', ' + Tables.number(series.high[i]) + ']');
    if (series.note && series.note[i]) line(series.note[i]);
    return box;
  };

  const short = text => (text.length > 90 ? Array.from(text).slice(0, 88).join('') + '…' : text);

  const draw = figure => {
    if (!figure.chart) figure.chart = echarts.init(figure.canvas, null, { renderer: 'svg' });
    figure.chart.setOption(option(figure, theme), { notMerge: true });
  };

  const columns = figure => ['view', 'group', 'layer', figure.spec.x.name, figure.spec.y.name, 'low', 'high', 'note'];
  const rows = views => views.flatMap(view => view.series.flatMap(s => s.x.map((x, i) => [
    view.label, s.group, s.layer, x, s.y[i], s.low ? s.low[i] : null, s.high ? s.high[i] : null, s.note ? s.note[i] : '',
  ])));

  // The picture as a file of its own, with title and legend, on white.
  const picture = figure => {
    const width = 900;
    const names = visible(figure).filter(s => s.kind !== 'AREA').map(s => s.group + ', ' + s.layer);
    const lines = Math.ceil(names.reduce((sum, n) => sum + 50 + 7 * Math.min(90, n.length), 0) / (width - 40));
    const legend = 24 * (lines + 1);
    const height = 560 + legend;
    const box = Tables.element(document.body, 'div', '', { class: 'offstage' });
    box.style.width = width + 'px';
    box.style.height = height + 'px';
    const chart = echarts.init(box, null, { renderer: 'svg', width, height });
    const view = figure.spec.views[figure.view].label;
    const content = option(figure, 'light');
    chart.setOption(Object.assign(content, {
      backgroundColor: '#ffffff',
      title: { text: short(figure.spec.title + (figure.spec.views.length > 1 ? ' (' + view + ')' : '')), left: 12, top: 8, textStyle: { fontSize: 16, color: INK.light.text } },
      legend: { data: names, bottom: 6, left: 12, right: 12, type: 'plain', itemWidth: 22, formatter: short, textStyle: { color: INK.light.text } },
      grid: { left: 16, right: 24, top: 72, bottom: 44 + legend, containLabel: true },
      tooltip: { show: false },
    }));
    const svg = box.querySelector('svg').cloneNode(true);
    chart.dispose();
    box.remove();
    svg.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
    svg.setAttribute('viewBox', '0 0 ' + width + ' ' + height);
    svg.setAttribute('width', width);
    svg.setAttribute('height', height);
    const title = document.createElementNS('http://www.w3.org/2000/svg', 'title');
    title.textContent = figure.spec.title;
    svg.insertBefore(title, svg.firstChild);
    option(figure, theme); // what is hovered belongs to the figure on the page
    return { text: new XMLSerializer().serializeToString(svg), width, height };
  };

  const savePng = figure => {
    const { text, width, height } = picture(figure);
    const image = new Image();
    image.onload = () => {
      const canvas = document.createElement('canvas');
      canvas.width = 2 * width;
      canvas.height = 2 * height;
      const context = canvas.getContext('2d');
      context.drawImage(image, 0, 0, canvas.width, canvas.height);
      canvas.toBlob(blob => {
        if (blob) Tables.save(Tables.fileName(figure.spec.id, 'png'), 'image/png', blob);
        else window.alert('The picture is too large; hide some of its series.');
      }, 'image/png');
    };
    image.onerror = () => window.alert('The picture cannot be drawn; save it as SVG.');
    image.src = 'data:image/svg+xml;charset=utf-8,' + encodeURIComponent(text);
  };

  // Checkboxes: what the keyboard can reach and a screen reader can read.
  const toggles = (figure, place) => {
    place.textContent = '';
    const view = figure.spec.views[figure.view];
    const groups = unique(view.series.map(s => s.group));
    const layers = unique(view.series.map(s => s.layer));
    const set = (title, items, prefix, swatch) => {
      const box = Tables.element(place, 'fieldset');
      Tables.element(box, 'legend', title);
      const inputs = [];
      if (items.length > 3) {
        const every = checked => () => inputs.forEach((input, i) => {
          input.checked = checked;
          figure.hidden[checked ? 'delete' : 'add'](prefix + items[i]);
          if (i === inputs.length - 1) draw(figure);
        });
        Tables.button(box, 'all', every(true), 'Show all of ' + title + ', ' + figure.spec.title);
        Tables.button(box, 'none', every(false), 'Hide all of ' + title + ', ' + figure.spec.title);
      }
      for (const item of items) {
        const label = Tables.element(box, 'label');
        const input = Tables.element(label, 'input', '', { type: 'checkbox' });
        input.checked = !figure.hidden.has(prefix + item);
        if (swatch) {
          const mark = Tables.element(label, 'span', '', { class: 'swatch', 'aria-hidden': 'true' });
          mark.style.background = colour(figure, item, theme);
        }
        Tables.element(label, 'bdi', short(item));
        input.addEventListener('change', () => {
          figure.hidden[input.checked ? 'delete' : 'add'](prefix + item);
          draw(figure);
        });
        inputs.push(input);
      }
    };
    set('Series', groups, 'g', true);
    if (layers.length > 1) set('Layers', layers, 'l', false);
  };

  // Of many groups with marks of their own a few, far apart, are visible at first.
  const thin = (view, hidden) => {
    const marks = unique(view.series.filter(s => s.kind === 'POINTS' || s.kind === 'BAND').map(s => s.group));
    if (marks.length <= SHOWN) return;
    const kept = new Set(Array.from({ length: SHOWN }, (v, i) => marks[Math.round(i * (marks.length - 1) / (SHOWN - 1))]));
    marks.filter(g => !kept.has(g)).forEach(g => hidden.add('g' + g));
  };

  const build = (node, spec) => {
    const groups = spec.groups;
    // Names instead of numbers.
    spec.views.forEach(view => view.series.forEach(s => Object.assign(s, spec.styles[s.style], { group: groups[s.group] })));
    const figure = { node, spec, groups, view: 0, hidden: new Set(), chart: null, series: [], ordered: spec.ordered };
    if (!spec.ordered) spec.views.forEach(view => thin(view, figure.hidden));
    const caption = node.querySelector('figcaption');
    const bar = Tables.element(null, 'div', '', { class: 'toolbar' });
    node.insertBefore(bar, caption);
    const view = () => spec.views[figure.view];
    if (spec.views.length > 1) {
      const printed = Tables.element(null, 'p', view().label, { class: 'printed' });
      node.insertBefore(printed, bar);
      const label = Tables.element(bar, 'label', 'View ');
      const select = Tables.element(label, 'select');
      spec.views.forEach((view, i) => Tables.element(select, 'option', short(view.label), { value: String(i) }));
      select.addEventListener('change', () => {
        figure.view = Number(select.value);
        printed.textContent = view().label;
        toggles(figure, place);
        table();
        draw(figure);
      });
    }
    Tables.button(bar, 'SVG', () => Tables.save(Tables.fileName(spec.id, 'svg'), 'image/svg+xml', picture(figure).text), 'Save ' + spec.title + ' as SVG');
    Tables.button(bar, 'PNG', () => savePng(figure), 'Save ' + spec.title + ' as PNG');
    Tables.button(bar, 'CSV', () => Tables.save(Tables.fileName(spec.id, 'csv'), 'text/csv', Tables.csv(columns(figure), rows(spec.views))), 'Save the data of ' + spec.title + ' as CSV');
    figure.canvas = Tables.element(null, 'div', '', { class: 'canvas', role: 'img', 'aria-labelledby': 'title-' + spec.id, 'aria-describedby': 'caption-' + spec.id });
    node.insertBefore(figure.canvas, caption);
    const place = Tables.element(null, 'div', '', { class: 'toggles' });
    node.insertBefore(place, caption);
    const details = Tables.element(node, 'details');
    Tables.element(details, 'summary', 'Data as a table');
    let box = Tables.element(details, 'div', '', { class: 'table' });
    const table = () => {
      box.remove();
      box = Tables.element(details, 'div', '', { class: 'table' });
      if (details.open) {
        Tables.fill(box, { id: spec.id + '-data', title: spec.title, columns: columns(figure), rows: rows([spec.views[figure.view]]) });
      }
    };
    details.addEventListener('toggle', table);
    toggles(figure, place);
    figure.restyle = () => {
      toggles(figure, place);
      if (figure.chart) draw(figure);
    };
    figures.push(figure);
    return figure;
  };

  // Light or dark, for all figures.
  const paint = mode => {
    theme = mode;
    figures.forEach(figure => figure.restyle());
  };

  // Every figure as wide as its place, or as these many pixels.
  const resize = width => figures.forEach(figure => {
    if (figure.chart) figure.chart.resize(width ? { width } : { width: 'auto' });
  });

  return { build, draw, paint, resize };
})();
