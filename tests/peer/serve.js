// Starts the peer, a Bot API server written by others (npm telegram-test-api), on 127.0.0.1.
// Usage: node serve.js PORT        prints "ready http://127.0.0.1:PORT"
//
// Its answers leave out or misspell fields that the published Bot API promises and every client
// library insists on. Those, and only those, are put right here, in one place, for all to see.
const express = require("express");
const TelegramServer = require("telegram-test-api");

const corrections = {
  // User.is_bot is a required field.
  getMe: (user) => ({ is_bot: true, ...user }),
  // CallbackQuery.chat_instance is a required field.
  getUpdates: (updates) =>
    updates.map((update) =>
      update.callback_query
        ? { ...update, callback_query: { chat_instance: "peer", ...update.callback_query } }
        : update,
    ),
  // Message.date is in seconds; the peer writes milliseconds.
  sendMessage: (message) => ({ ...message, date: Math.floor(message.date / 1000) }),
  // These methods answer True on success; the peer answers null.
  answerCallbackQuery: () => true,
  deleteMessage: () => true,
  editMessageReplyMarkup: () => true,
  editMessageText: () => true,
  setWebhook: () => true,
};

const json = express.response.json;
express.response.json = function correctedJson(body) {
  const [, method] = this.req.path.match(/^\/bot[^/]+\/(\w+)$/) || [];
  const correct = corrections[method];
  return json.call(this, correct && body.ok ? { ...body, result: correct(body.result) } : body);
};

const server = new TelegramServer({
  host: "127.0.0.1",
  port: Number(process.argv[2]),
  storeTimeout: 600, // seconds a message is kept
});
server.start().then(
  () => console.log(`ready ${server.config.apiURL}`),
  (error) => {
    console.error(String(error));
    process.exit(1);
  },
);
