/**
 * Commands that let a model speak: continue, chat, embed, tokenize, search for an answer; and those that compare ways
 * to decode. {@code Sampling} and {@code Decodings} are the options that they share.
 *
 * <p>May import {@code dev.lathe.tools.command} and the exported packages of Lathe.
 */
package dev.lathe.tools.generate;
