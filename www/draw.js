// Drawing on canvases: the error curve and a weight matrix.

/** The errors so far over the epochs that are planned. Epochs that were not reported are skipped. */
export function drawCurve(canvas, errors, epochs) {
  const context = canvas.getContext('2d');
  const { width, height } = canvas;
  const margin = 28;
  const known = Object.entries(errors).map(([index, error]) => [Number(index), error]);
  const top = Math.max(0.1, ...known.map(([, error]) => error));
  const x = (index) => margin + ((width - 2 * margin) * index) / Math.max(1, epochs - 1);
  const y = (error) => height - margin - ((height - 2 * margin) * error) / top;
  const style = getComputedStyle(canvas);
  context.clearRect(0, 0, width, height);
  context.strokeStyle = style.color;
  context.fillStyle = style.color;
  context.globalAlpha = 0.5;
  context.strokeRect(margin, margin, width - 2 * margin, height - 2 * margin);
  context.globalAlpha = 1;
  context.font = '12px system-ui';
  context.fillText(top.toFixed(2), 2, margin + 4);
  context.fillText('0', 14, height - margin);
  context.fillText('error', margin, margin - 8);
  context.fillText(`${epochs} epochs`, width - margin - 60, height - 8);
  context.strokeStyle = style.accentColor === 'auto' ? style.color : style.accentColor;
  context.lineWidth = 2;
  context.beginPath();
  known.forEach(([index, error], position) => {
    if (position === 0) context.moveTo(x(index), y(error));
    else context.lineTo(x(index), y(error));
  });
  context.stroke();
}

/** A matrix, one pixel per weight, scaled by the page's style; gives the largest magnitude. */
export function drawMatrix(canvas, values, { rows, columns }) {
  canvas.width = columns;
  canvas.height = rows;
  const context = canvas.getContext('2d');
  const image = context.createImageData(columns, rows);
  let largest = 1e-9;
  for (const value of values) largest = Math.max(largest, Math.abs(value));
  values.forEach((value, index) => {
    const strength = Math.abs(value) / largest;
    // Orange and blue, which colour-blind eyes tell apart, over white.
    const [red, green, blue] = value > 0 ? [213, 94, 0] : [0, 114, 178];
    const blend = (channel) => Math.round(255 + (channel - 255) * strength);
    image.data.set([blend(red), blend(green), blend(blue), 255], 4 * index);
  });
  context.putImageData(image, 0, 0);
  return largest;
}
