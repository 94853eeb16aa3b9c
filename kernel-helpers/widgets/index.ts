/**
 * `wirebook/widgets`: values that the notebook and the page share, in both directions.
 *
 * ```ts
 * import { slider } from 'wirebook/widgets';
 * const delay = slider({ label: 'delay', max: 500 });
 * delay.on('value', (ms) => console.log('now', ms));
 * delay
 * ```
 *
 * Where no front end draws them (`wirebook run`, a terminal), their values are shown as text.
 * @module
 */

export type { Button, LiveLog, LiveTable, Slider, SliderOptions, TextField } from "./ready.js";
export { button, liveLog, slider, table, text } from "./ready.js";
export type { State, Widget, WidgetOptions } from "./widget.js";
export { widget } from "./widget.js";
