// The Fluent UI web components that the page uses; bundled into one module by build.mjs.
import "@fluentui/web-components/button/define.js";
import "@fluentui/web-components/checkbox/define.js";
import "@fluentui/web-components/dialog/define.js";
import "@fluentui/web-components/dialog-body/define.js";
import "@fluentui/web-components/dropdown/define.js";
import "@fluentui/web-components/field/define.js";
import "@fluentui/web-components/label/define.js";
import "@fluentui/web-components/listbox/define.js";
import "@fluentui/web-components/menu/define.js";
import "@fluentui/web-components/menu-button/define.js";
import "@fluentui/web-components/menu-item/define.js";
import "@fluentui/web-components/menu-list/define.js";
import "@fluentui/web-components/option/define.js";
import "@fluentui/web-components/spinner/define.js";
import "@fluentui/web-components/text-input/define.js";
import "@fluentui/web-components/textarea/define.js";
