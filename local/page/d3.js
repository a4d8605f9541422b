// What the attack map uses of D3: panning and zooming, for mouse, touch and trackpad.
export { select } from "d3-selection";
export { zoom, zoomIdentity } from "d3-zoom";
