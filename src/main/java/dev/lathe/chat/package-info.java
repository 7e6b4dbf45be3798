/**
 * Tools, thinking and typed replies of chat models.
 *
 * <p>{@link dev.lathe.chat.ChatOptions} says what may be called, {@link dev.lathe.chat.Reply} is what came back. How a
 * model writes its calls and its thinking is found by {@code FormatFinder}, which renders the model's own template with
 * and without them; {@code FormatGrammar} makes a constraint of it, {@code ReplyParser} reads it, {@code Conversation}
 * spells messages the way that the template wants them. A template that knows no tools gets them by {@code ToolPrompt}.
 *
 * <p>May import {@code text} and {@code decode.constraint}; knows nothing of models, sessions and strategies.
 */
package dev.lathe.chat;
