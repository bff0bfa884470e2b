import { stripTypeScriptTypes } from "node:module";

/** Blanks the types out as Node does at run time, so lines and columns of a failure are the source's own. */
export default { process: (source) => ({ code: stripTypeScriptTypes(source) }) };
