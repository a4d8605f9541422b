// The Fluent UI web components that the page uses; bundled into one module by build.mjs.
import "@fluentui/web-components/button/define.js";
import "@fluentui/web-components/spinner/define.js";
import "@fluentui/web-components/text-input/define.js";
import "@fluentui/web-components/textarea/define.js";
