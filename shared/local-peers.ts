/**
 * Without credentials the worker is pointed at the console's local Telegram and local model. They are peers on the
 * network like the real ones, so this is all that anyone has to know about them.
 */
export const LOCAL_BOT_TOKEN = "1:local";
export const LOCAL_MODEL_KEY = "local";
